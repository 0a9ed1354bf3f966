"""How long a student's function may take: a floor in seconds, or a multiple of the reference."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_CEILING = 6 * 3600.0


@dataclass(slots=True)
class ReferenceTiming:
    """How long the reference's functions take on this machine; measured only when that matters.

    Most calls end within the floor, before the reference's time matters. The first call that takes
    longer starts the measurement beside it; until the measurement is done, no call is stopped.
    """

    measure: Callable[[], Mapping[str, float]]
    _seconds: Mapping[str, float] | None = None
    _failure: Exception | None = None
    _thread: threading.Thread | None = None

    def seconds(self, function: str) -> float | None:
        """Return the reference's seconds for `function`, None while they are being measured.

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
    """How long a call may take: `floor` seconds, or `slowness` times what the reference takes."""

    function: str
    floor: float
    slowness: float
    reference: ReferenceTiming | None = field(default=None)

    @property
    def rule(self) -> str:
        """The allowance in words, which are the same in every run."""
        times = f" or {self.slowness:g} times the instructor's solution" if self.reference else ""
        return f"more than {self.floor:g} seconds{times}"

    def spent(self, elapsed: float) -> bool:
        """Tell whether a call that has run for `elapsed` seconds is to be ended."""
        if elapsed <= self.floor:
            return False
        if self.reference is None:
            return True
        seconds = self.reference.seconds(self.function)
        if seconds is None:
            return elapsed > _CEILING
        return elapsed > self.slowness * seconds
