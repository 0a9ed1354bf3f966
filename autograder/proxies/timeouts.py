"""How long a student's function may take: a floor in seconds, or a multiple of the reference."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_CEILING = 6 * 3600.0


@dataclass(slots=True)
class ReferenceTiming:
    """What the reference takes for each function on this machine, measured only when it matters.

    Most calls end within the floor and never ask. The first that does not starts the measurement
    beside it; until that is done nobody is stopped.
    """

    measure: Callable[[], Mapping[str, float]]
    _seconds: Mapping[str, float] | None = None
    _failure: Exception | None = None
    _thread: threading.Thread | None = None

    def seconds(self, function: str) -> float | None:
        """Return the reference's seconds for `function`, None while they are being measured.

        Raises what the measurement raised: then it is not the student who is at fault.
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
        except Exception as error:  # handed to whoever asks, in the thread that can act on it
            self._failure = error


@dataclass(frozen=True, slots=True)
class CallTimeout:
    """The allowance of one call of one function."""

    function: str
    floor: float
    slowness: float
    reference: ReferenceTiming | None = field(default=None)

    @property
    def rule(self) -> str:
        """What is allowed, in words that do not change from run to run."""
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
