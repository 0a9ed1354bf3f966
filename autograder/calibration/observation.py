"""Grades a run of a calibration and keeps what it showed of every metric."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from autograder.calibration.plan import Run
from autograder.course.course import Course
from autograder.grading.scorer import Scorer
from autograder.result import Check, Status
from autograder.sandbox.spawn import Station

__all__ = ["Observation", "observe", "observe_with"]


@dataclass(frozen=True, slots=True)
class Observation:
    """What a run showed of every metric, and what weak answers in closed form reach in it.

    `seconds` is how long a worker was busy with the run: the checks of the run's course key are
    prepared for it alone, and that counts, too.
    `problem` is empty where the run was graded. `lost` are the checks at which an honest answer did
    not earn all points, in the order of the checks; a run that was read from a file has none.
    """

    run: Run
    metrics: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, float]]
    seconds: float
    problem: str = ""
    lost: tuple[Check, ...] = ()


class _EndsWith(threading.Event):
    """An event that is set when it is set itself or when another is set."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        """Tell whether this event or the other one is set."""
        return super().is_set() or self._other.is_set()


def observe(
    run: Run, course: Course, station: Station, stopped: threading.Event | None = None
) -> Observation:
    """Grade a run under its own key and seed, in the sandbox of `station`, without limits.

    Once `stopped` is set, a grading that fails is not begun again.
    """
    started = time.monotonic()
    own = replace(course, key=run.key, seed=run.seed, measuring=True)
    with Scorer(own, station, stopped=_EndsWith(stopped or threading.Event())) as scorer:
        graded = scorer.observe(run.task)
    result = graded.result
    problem = "" if result.status is Status.GRADED else result.evidence or result.message
    lost = () if run.weak else tuple(c for c in result.checks if c.points < c.max_points)
    seconds = time.monotonic() - started
    return Observation(run, graded.observed, graded.baselines, seconds, problem, lost)


def observe_with(scorer: Scorer, run: Run) -> Observation:
    """Grade a run as `observe` does, with the course and the sandbox of a scorer."""
    return observe(run, scorer.course, scorer.station, scorer.stopped)
