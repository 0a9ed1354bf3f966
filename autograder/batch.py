"""Grades many submissions at once and hands out each result as soon as it is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from autograder.course import Course
from autograder.sandbox.launch import station
from autograder.sandbox.probe import Isolation, probe
from autograder.scoring import Scorer

_Item = TypeVar("_Item")
_Outcome = TypeVar("_Outcome")
_POLL = 0.2


class WeakIsolation(RuntimeError):
    """This machine cannot keep student code away from what it must not touch."""


def weak_isolation(isolation: Isolation) -> str:
    """Return why grading does not start here, and what helps."""
    return (
        f"student code could get through here: {', '.join(isolation.open)}. Grading refuses to "
        "start. Landlock (Linux 5.13 or later) and seccomp (libseccomp) close this."
    )


@dataclass(slots=True)
class Batch(Generic[_Item, _Outcome]):
    """One run over `items`; iterating it yields (item, result) in the order of completion.

    Each item is graded by a thread that only waits: the work is done in processes of their own.
    """

    items: Sequence[_Item]
    score: Callable[[_Item], _Outcome]
    workers: int

    def __iter__(self) -> Iterator[tuple[_Item, _Outcome]]:
        executor = ThreadPoolExecutor(self.workers, thread_name_prefix="grading")
        futures: dict[Future[_Outcome], _Item] = {}
        try:
            futures = {executor.submit(self.score, item): item for item in self.items}
            yield from self._finished(futures)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)

    def _finished(self, futures: dict[Future[_Outcome], _Item]) -> Iterator[tuple[_Item, _Outcome]]:
        pending = set(futures)
        while pending:
            # A bounded wait: an unbounded one would keep Ctrl-C from the main thread.
            done, pending = wait(pending, _POLL, "FIRST_COMPLETED")
            for future in done:
                yield futures[future], future.result()


def default_workers() -> int:
    """Return one worker for each processor this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Grader:
    """A warm, probed sandbox, ready to grade for one course."""

    scorer: Scorer
    isolation: Isolation


@contextmanager
def grader(course: Course, *, accept_weak_isolation: bool = False) -> Iterator[Grader]:
    """Start the sandbox, find out what it keeps out, and yield what grades.

    Raises WeakIsolation where that is too little and it was not accepted.
    """
    with station() as place:
        isolation = probe(place, course.root / "solutions")
        if not isolation.sufficient and not accept_weak_isolation:
            raise WeakIsolation(
                f"{weak_isolation(isolation)} --accept-weak-isolation grades all the same and says "
                "so in every result."
            )
        scorer = Scorer(course, place, isolation.summary)
        try:
            yield Grader(scorer, isolation)
        finally:
            scorer.stop()
