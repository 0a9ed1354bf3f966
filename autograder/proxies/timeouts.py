"""How long a student's function may compute: a floor in seconds, or a multiple of the reference."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autograder.sandbox.allowance import ProcessorSeconds, Usage

__all__ = ["CallTimeout", "ReferenceTiming"]

_CEILING = 6 * 3600.0


@dataclass(slots=True)
class ReferenceTiming:
    """How long the reference's functions compute on this machine; measured only when that matters.

    Most calls end within the floor, before the reference's time matters. The first call that takes
    longer starts the measurement beside it; until the measurement is done, no call is stopped.
    """

    measure: Callable[[], Mapping[str, float]]
    _seconds: Mapping[str, float] | None = None
    _failure: Exception | None = None
    _thread: threading.Thread | None = None

    def seconds(self, function: str) -> float | None:
        """Return the processor seconds of the reference's `function`, None while it is timed.

        Raises the exception that ended the measurement: the student is not at fault then.
        """
        if self._failure is not None:
            raise self._failure
        if self._seconds is not None:
            return self._seconds.get(function, 0.0)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        return None

    def _run(self) -> None:
        try:
            self._seconds = self.measure()
        except Exception as error:  # raised again by `seconds`, in the thread that grades
            self._failure = error


@dataclass(frozen=True, slots=True)
class CallTimeout:
    """How long a call may take: `floor` seconds, or `slowness` times what the reference takes.

    Both are processor time. By the clock a call may take `waiting` times as long. No call is ended
    before `floor` seconds have passed, nor while the reference is being timed.
    """

    function: str
    floor: float
    slowness: float
    waiting: float
    reference: ReferenceTiming | None = field(default=None)

    def broken(self, used: Usage) -> str:
        """Return what was allowed, in words that are the same in every run; '' while it goes on."""
        floor = ProcessorSeconds(self.floor, self.waiting)
        if floor.over(used) is None or self.reference is None:
            return floor.broken(used)
        seconds = self.reference.seconds(self.function)
        if seconds is None:
            return floor.broken(used) if used.clock > _CEILING else ""
        longest = max(self.floor, self.slowness * seconds)
        words = floor.words(ProcessorSeconds(longest, self.waiting).over(used))
        more = f", or {self.slowness:g} times what the instructor's solution takes"
        return words and words + more
