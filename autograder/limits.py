"""The limits of a worker: seconds, bytes, threads and files that it may use."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

MiB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a worker, measured from outside it: times in seconds, sizes in bytes.

    A call may take `call_seconds` of processor time, or `slowness` times what the reference
    solution takes for the same function, whichever is more. Processor time is what all threads
    together compute: it does not grow on a busy machine. By the clock everything may take `waiting`
    times as long, for code that sleeps computes nothing.
    """

    call_seconds: float = 30.0
    slowness: float = 15.0
    waiting: float = 10.0
    load_seconds: float = 60.0
    cell_seconds: float = 20.0
    memory: int = 2048 * MiB
    output: int = 16 * MiB
    disk: int = 512 * MiB
    threads: int = 128
    open_files: int = 512
    cpu_seconds: int = 7200

    def to_value(self) -> dict[str, Any]:
        """Return the plain value that crosses to the template."""
        return asdict(self)

    @classmethod
    def from_value(cls, value: dict[str, Any]) -> Self:
        """Read back what `to_value` wrote."""
        return cls(**value)
