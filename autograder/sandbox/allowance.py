"""How long a request to a worker may take: by the clock, or in processor time.

Processor time does not grow on a busy machine, where a request takes longer by the clock.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Allowance", "Over", "ProcessorSeconds", "Seconds", "Usage"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds that a request has taken: by the clock, and of the processor in all threads."""

    clock: float = 0.0
    processor: float = 0.0


class Allowance(Protocol):
    """Decides when a request has taken too long."""

    def broken(self, used: Usage) -> str:
        """Return what was allowed, in words, for a request that is to be ended; '' for others.

        The words do not depend on the machine.
        """


@dataclass(frozen=True, slots=True)
class Seconds:
    """An allowance of a fixed number of seconds by the clock."""

    seconds: float

    def broken(self, used: Usage) -> str:
        """Return what was allowed once the fixed time is over."""
        return f"more than {self.seconds:g} seconds" if used.clock > self.seconds else ""


class Over(enum.Enum):
    """Which time is over."""

    PROCESSOR = enum.auto()
    CLOCK = enum.auto()


@dataclass(frozen=True, slots=True)
class ProcessorSeconds:
    """An allowance of seconds of processor time, and of `waiting` times as many by the clock.

    No request is ended before `seconds` have passed by the clock, however many threads compute.
    """

    seconds: float
    waiting: float

    def over(self, used: Usage) -> Over | None:
        """Return which of the two times is over, None while none is."""
        if used.clock > self.seconds and used.processor > self.seconds:
            return Over.PROCESSOR
        return Over.CLOCK if used.clock > self.waiting * self.seconds else None

    def words(self, over: Over | None) -> str:
        """Return what is allowed of one of the two times, '' for none."""
        if over is None:
            return ""
        if over is Over.PROCESSOR:
            return f"more than {self.seconds:g} seconds of processor time"
        return f"more than {self.waiting * self.seconds:g} seconds by the clock"

    def broken(self, used: Usage) -> str:
        """Return what was allowed once one of the two times is over."""
        return self.words(self.over(used))
