"""Grades many submissions at once and hands out each result as soon as it is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from autograder.course.course import Course
from autograder.errors import WeakIsolation
from autograder.grading import memory
from autograder.grading.scorer import Scorer
from autograder.grading.task import Task
from autograder.limits import MiB
from autograder.result import Result
from autograder.sandbox.launch import station
from autograder.sandbox.probe import Isolation, probe

_Item = TypeVar("_Item")
_Outcome = TypeVar("_Outcome")
_POLL = 0.2
_TEMPLATE_MEMORY = 1024 * MiB  # the libraries, once for all workers, and the command itself
_WORKER_MEMORY = 768 * MiB  # training, evaluator and checks together: 120 to 350 measured, and room


def weak_isolation(isolation: Isolation) -> str:
    """Return why grading does not start here, and what helps."""
    return (
        f"student code could get through here: {', '.join(isolation.open)}. Grading refuses to "
        "start. Landlock (Linux 5.13 or later) and seccomp (libseccomp) close this."
    )


@dataclass(slots=True)
class Batch(Generic[_Item, _Outcome]):
    """One run over `items`; iterating it yields (item, result) in the order of completion.

    `submit` hands one item to an executor, here or on a cluster, and returns its future. Of many
    items only `at_once()` are handed over at a time: each then holds its content.
    """

    items: Iterable[_Item]
    submit: Callable[[_Item], Future[_Outcome]]
    at_once: Callable[[], int]

    def __iter__(self) -> Iterator[tuple[_Item, _Outcome]]:
        waiting = iter(self.items)
        pending: dict[Future[_Outcome], _Item] = {}
        try:
            while True:
                for item in islice(waiting, max(0, self.at_once() - len(pending))):
                    pending[self.submit(item)] = item
                if not pending:
                    return
                # A bounded wait: an unbounded one would keep Ctrl-C from the main thread.
                done, _ = wait(pending, _POLL, FIRST_COMPLETED)
                for future in done:
                    yield pending.pop(future), future.result()
        finally:
            for future in pending:
                future.cancel()


@contextmanager
def local(workers: int) -> Iterator[Executor]:
    """Yield an executor of threads that only wait: each grading works in processes of its own."""
    executor = ThreadPoolExecutor(workers, thread_name_prefix="grading")
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def run(
    items: Sequence[_Item], score: Callable[[_Item], _Outcome], workers: int
) -> Iterator[tuple[_Item, _Outcome]]:
    """Yield (item, score(item)) in the order of completion; `workers` at a time, right here."""
    with local(workers) as executor:
        yield from Batch(items, lambda item: executor.submit(score, item), lambda: 2 * workers)


def default_workers() -> int:
    """Return one worker for each processor of this process, as far as the memory now free holds."""
    processors = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return max(1, min(processors, (memory.available() - _TEMPLATE_MEMORY) // _WORKER_MEMORY))


@dataclass(frozen=True, slots=True)
class Grader:
    """A warm, probed sandbox, ready to grade for one course."""

    scorer: Scorer
    isolation: Isolation

    def score(self, task: Task) -> Result:
        """Return the result of one task; it says so where student code could have got out."""
        result = self.scorer.score(task)
        if self.isolation.sufficient:
            return result
        return result.with_note("Graded with weak isolation: student code could have got out.")


@contextmanager
def grader(
    course: Course, *, accept_weak_isolation: bool = False, exercises: Iterable[str] = ()
) -> Iterator[Grader]:
    """Start the sandbox, find out what it keeps out, and yield what grades.

    The checks of `exercises` are collected meanwhile. Raises WeakIsolation where too little is kept
    out and that was not accepted.
    """
    with station() as place, Scorer(course, place) as scorer:
        scorer.checkers.warm(exercises)
        isolation = probe(place, course.root / "solutions")
        if not isolation.sufficient and not accept_weak_isolation:
            raise WeakIsolation(
                f"{weak_isolation(isolation)} --accept-weak-isolation grades all the same and says "
                "so in every result."
            )
        scorer.isolation = isolation.summary
        yield Grader(scorer, isolation)


@dataclass(frozen=True, slots=True)
class Engine:
    """Where a batch is graded: `executor.submit(score, task)`, `at_once()` of them handed over.

    `isolation` is what is in force there, in plain JSON. `is_here` tells whether `score` is called
    in this process.
    """

    executor: Executor
    score: Callable[[Task], Result]
    at_once: Callable[[], int]
    isolation: dict[str, Any]
    is_here: bool


@contextmanager
def local_engine(
    course: Course, exercises: Iterable[str], workers: int, *, accept_weak_isolation: bool
) -> Iterator[Engine]:
    """Yield this machine as an engine; what is under way ends with the block."""
    with (
        grader(course, accept_weak_isolation=accept_weak_isolation, exercises=exercises) as here,
        local(workers) as executor,
    ):
        told = here.isolation.to_json()
        yield Engine(executor, here.score, lambda: 2 * workers, told, is_here=True)
