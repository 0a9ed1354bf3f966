"""A site is where a batch is graded: this machine here, a Dask cluster in `cluster`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from autograder.course.course import Course
from autograder.errors import WeakIsolation
from autograder.grading import memory
from autograder.grading.batch import local_executor
from autograder.grading.scorer import Scorer
from autograder.grading.task import Task
from autograder.limits import MiB
from autograder.result import Result
from autograder.sandbox.probe import Isolation, probe
from autograder.sandbox.warm import warm_station

_ADVICE = "--accept-weak-isolation grades all the same and says so in every result."
_TEMPLATE_MEMORY = 1024 * MiB  # the libraries, once for all workers, and the command itself
_WORKER_MEMORY = 768 * MiB  # training, evaluator and checks together: 120 to 350 measured, and room


_Piece = TypeVar("_Piece")
_Outcome = TypeVar("_Outcome")


class Apply(Protocol):
    """Calls `work(scorer, piece)` with the scorer of the process that it is called in."""

    def __call__(self, work: Callable[[Scorer, _Piece], _Outcome], piece: _Piece, /) -> _Outcome:
        """Return what `work` returns."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a batch is graded.

    `executor.submit(score, task)` grades one task there, and at most `at_once()` tasks are handed
    over at a time. `isolation` is what keeps student code in there, in plain JSON. `is_here` tells
    whether `score` runs in this process. `executor.submit(apply, work, piece)` has other work done
    there than grading a task; `work` is a function of a module, for it may travel.
    """

    executor: Executor
    score: Callable[[Task], Result]
    at_once: Callable[[], int]
    isolation: dict[str, Any]
    is_here: bool
    apply: Apply


@contextmanager
def local_site(
    course: Course, exercises: Iterable[str], workers: int, *, accept_weak_isolation: bool
) -> Iterator[Site]:
    """Yield this machine as a site with so many workers; gradings under way end with the block.

    The checks of `exercises` are collected meanwhile. Raises WeakIsolation and SandboxError.
    """
    with (
        open_scorer(
            course, accept_weak_isolation=accept_weak_isolation, exercises=exercises
        ) as scorer,
        local_executor(workers) as executor,
    ):
        assert scorer.isolation is not None
        isolation = scorer.isolation.to_json()

        def apply(work: Callable[[Scorer, _Piece], _Outcome], piece: _Piece, /) -> _Outcome:
            return work(scorer, piece)

        at_once = 2 * workers
        yield Site(executor, scorer.score, lambda: at_once, isolation, is_here=True, apply=apply)


@contextmanager
def open_scorer(
    course: Course,
    *,
    accept_weak_isolation: bool = False,
    exercises: Iterable[str] = (),
    advice: str = _ADVICE,
) -> Iterator[Scorer]:
    """Start the sandbox, or use the warm one; probe it, and yield a scorer that grades in it.

    The checks of `exercises` are collected meanwhile. Raises SandboxError, and WeakIsolation where
    student code could get out and that was not accepted; `advice` ends its text.
    """
    with warm_station() as place, Scorer(course, place) as scorer:
        scorer.check_servers.warm(exercises)
        scorer.isolation = probe(place, course.root / "solutions")
        if not scorer.isolation.sufficient and not accept_weak_isolation:
            raise WeakIsolation(f"{weak_isolation(scorer.isolation)} {advice}".strip())
        yield scorer


def weak_isolation(isolation: Isolation) -> str:
    """Return why grading does not start on this machine, and what helps."""
    return (
        f"student code could get through here: {', '.join(isolation.open)}. Grading refuses to "
        "start. Landlock (Linux 5.13 or later) and seccomp (libseccomp) close this."
    )


def default_workers() -> int:
    """Return a worker for each processor of this process, as far as the free memory holds them."""
    processors = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return max(1, min(processors, (memory.available() - _TEMPLATE_MEMORY) // _WORKER_MEMORY))
