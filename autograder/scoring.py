"""Runs each grading in a fresh process from a warm server, and settles whose fault an error is."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import signal
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

from autograder.course import Course
from autograder.grade import Graded, Task, grade, grader_error
from autograder.pace import ReferencePace
from autograder.result import Check, Outcome, Result, Status
from autograder.sandbox.spawn import Station

_PRELOAD = ["__main__", "autograder.scoring", "pytest", "numpy"]
_TRIES = 2


@dataclass(slots=True)
class References:
    """The graded reference solution of each exercise, made when first asked for and then kept."""

    _known: dict[str, Future[Graded]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, exercise: str, make: Any) -> Graded:
        """Return the graded reference; `make()` grades it the first time, once for all threads."""
        with self._lock:
            future = self._known.get(exercise)
            first = future is None
            if future is None:
                future = self._known[exercise] = Future()
        if first:
            try:
                future.set_result(make())
            except BaseException as error:
                future.set_exception(error)
        return future.result()


@dataclass(slots=True)
class Scorer:
    """Grades tasks one at a time for each calling thread; every grading has its own process."""

    course: Course
    station: Station
    isolation: str = ""
    references: References = field(default_factory=References)
    running: set[Any] = field(default_factory=set)
    stopped: threading.Event = field(default_factory=threading.Event)

    def score(self, task: Task) -> Result:
        """Return the final result of one task; never raises for what a student did."""
        return self.graded(task).result

    def graded(self, task: Task) -> Graded:
        """Return the final result of one task and what else its grading showed."""
        graded = self._graded(task)
        result = replace(self._settle(task, graded.result), isolation=self.isolation)
        return replace(graded, result=result)

    def observe(self, task: Task) -> Graded:
        """Return one task as it was graded, with what it showed of every metric; nothing settled.

        Without a pace: a calibration asks how good an answer is, not how quick.
        """
        return self._graded(task, paced=False)

    def reference(self, exercise: str) -> Graded:
        """Return the graded reference solution of an exercise."""
        task = self._reference_task(exercise)
        return self.references.get(exercise, lambda: self._graded(task, paced=False))

    def stop(self) -> None:
        """End every grading that is under way, and let none begin."""
        self.stopped.set()
        for process in list(self.running):
            process.kill()

    def _reference_task(self, exercise: str) -> Task:
        content = self.course.place.exercise(exercise).solution.read_bytes()
        return Task("", exercise, "solution.py", ".py", content, "")

    def _graded(self, task: Task, *, paced: bool = True) -> Graded:
        for _ in range(_TRIES):
            graded = None if self.stopped.is_set() else self._attempt(task, paced)
            if graded is not None:
                return graded
        evidence = f"the grader's own process ended {_TRIES} times before it had a result"
        return Graded(grader_error(task, self.course, evidence, time.monotonic()))

    def _attempt(self, task: Task, paced: bool) -> Graded | None:
        context = _context()
        ours, theirs = context.Pipe()
        arguments = (theirs, task, self.course, self.station, paced)
        process = context.Process(target=_child, args=arguments)
        process.start()
        theirs.close()
        self.running.add(process)
        try:
            return self._converse(ours, task)
        except (EOFError, OSError):
            return None
        finally:
            self.running.discard(process)
            ours.close()
            process.join()
            process.close()

    def _converse(self, link: Connection, task: Task) -> Graded:
        """Answer the child's questions about the reference until it sends its result."""
        while True:
            message = link.recv()
            if isinstance(message, Graded):
                return message
            link.send(dict(self.reference(task.exercise).seconds))

    def _settle(self, task: Task, result: Result) -> Result:
        """Decide errors inside checks: ours where the reference raises them too, else theirs."""
        if all(check.outcome is not Outcome.GRADER_ERROR for check in result.checks):
            return result
        reference = {check.id: check for check in self.reference(task.exercise).result.checks}
        checks = tuple(_settled(check, reference.get(check.id)) for check in result.checks)
        ours = any(check.outcome is Outcome.GRADER_ERROR for check in checks)
        status = Status.GRADER_ERROR if ours else result.status
        return replace(result, checks=checks, status=status)


def _settled(check: Check, reference: Check | None) -> Check:
    if check.outcome is not Outcome.GRADER_ERROR:
        return check
    ours = reference is None or reference.outcome is Outcome.GRADER_ERROR
    return check if ours else replace(check, outcome=Outcome.FAILED)


def _context() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    return context


def _child(link: Connection, task: Task, course: Course, station: Station, paced: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the batch's to handle

    def measure() -> dict[str, float]:
        link.send("pace")
        seconds: dict[str, float] = link.recv()
        return seconds

    # The reference sets the pace for others and has none itself.
    link.send(grade(task, course, station, ReferencePace(measure) if paced else None))
