"""The warm sandbox that all notebooks of one nbgrader command share."""

from __future__ import annotations

import weakref
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.course import Course
from autograder.errors import WeakIsolation
from autograder.grading.scorer import Scorer
from autograder.grading.site import weak_isolation
from autograder.sandbox.launch import station
from autograder.sandbox.probe import probe
from autograder.sandbox.spawn import Station

_ATTRIBUTE, _END = "_autograder_engine", "_autograder_end"


@dataclass(frozen=True, slots=True)
class Engine:
    """A probed sandbox; `scorer` grades packaged exercises, None where the course has none."""

    station: Station
    scorer: Scorer | None
    isolation: str


def engine_of(owner: Any, secrets_at: Path, course: Course | None) -> Engine:
    """Return the engine that belongs to `owner`, started when first asked for.

    nbgrader makes its preprocessors anew for every notebook but keeps one exporter for a whole
    command: that is the owner, and with it the engine ends. Raises WeakIsolation.
    """
    engine: Engine | None = getattr(owner, _ATTRIBUTE, None)
    if engine is None:
        stack = ExitStack()
        engine = _started(stack, secrets_at, course)
        setattr(owner, _ATTRIBUTE, engine)
        setattr(owner, _END, weakref.finalize(owner, stack.close))
    return engine


def end_engine(owner: Any) -> None:
    """End the engine of `owner` now, if it was ever started, and all that runs on it."""
    end = getattr(owner, _END, None)
    if end is not None:
        end()
        setattr(owner, _ATTRIBUTE, None)


def _started(stack: ExitStack, secrets_at: Path, course: Course | None) -> Engine:
    with ExitStack() as starting:
        place = starting.enter_context(station())
        isolation = probe(place, secrets_at)
        if not isolation.sufficient:
            raise WeakIsolation(weak_isolation(isolation))
        scorer = None
        if course is not None:
            scorer = starting.enter_context(Scorer(course, place, isolation))
        stack.push(starting.pop_all())
    return Engine(place, scorer, isolation.summary)
