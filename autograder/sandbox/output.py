"""What a worker printed, kept at both ends."""

from __future__ import annotations

from dataclasses import dataclass, field

_SHOWN = 32 << 10


@dataclass(slots=True)
class WorkerOutput:
    """The head and the tail of what a worker printed, and how much it was."""

    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    total: int = 0

    def add(self, data: bytes) -> None:
        """Take in what was just read from the pipe."""
        self.total += len(data)
        room = max(0, _SHOWN - len(self.head))
        self.head += data[:room]
        self.tail = (self.tail + data[room:])[-_SHOWN:]

    def text(self) -> str:
        """Return it as text, the middle left out where it was long."""
        cut = self.total - len(self.head) - len(self.tail)
        gap = f"\n… {cut} bytes left out …\n".encode() if cut > 0 else b""
        return bytes(self.head + gap + self.tail).decode("utf-8", "replace")
