"""The printed output of a worker: its first and last bytes are kept."""

from __future__ import annotations

from dataclasses import dataclass, field

_SHOWN = 32 << 10


@dataclass(slots=True)
class WorkerOutput:
    """The head and the tail of a worker's printed output, and its total length in bytes."""

    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    total: int = 0

    def add(self, data: bytes) -> None:
        """Append bytes that were read from the worker's pipe."""
        self.total += len(data)
        room = max(0, _SHOWN - len(self.head))
        self.head += data[:room]
        self.tail = (self.tail + data[room:])[-_SHOWN:]

    def text(self) -> str:
        """Return the output as text; of a long output the middle is left out."""
        cut = self.total - len(self.head) - len(self.tail)
        gap = f"\n… {cut} bytes left out …\n".encode() if cut > 0 else b""
        return bytes(self.head + gap + self.tail).decode("utf-8", "replace")
