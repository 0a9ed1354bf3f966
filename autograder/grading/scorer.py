"""Has each submission graded in a process of its own, and settles whose fault an error is."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing.connection import Connection
from typing import Self

from autograder.course.course import Course
from autograder.grading.check_server import Begin, Question
from autograder.grading.grading import Graded, grader_error
from autograder.grading.task import Task, trained_model
from autograder.result import WITHHELD, Check, Outcome, Result, Status
from autograder.sandbox.launch import single_threaded
from autograder.sandbox.probe import Isolation
from autograder.sandbox.spawn import Station

_LOG = logging.getLogger(__name__)
_TRIES = 2
_WEAK = "Graded with weak isolation: student code could have got out."
_POLL = 0.1  # seconds


@dataclass(slots=True)
class References:
    """The graded reference solution of each exercise, made when first asked for and then kept."""

    _known: dict[str, Future[Graded]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, exercise: str, make: Callable[[], Graded]) -> Future[Graded]:
        """Return the graded reference to come; `make()` grades it, once for all who ask."""
        with self._lock:
            future = self._known.get(exercise)
            if future is None:
                future = self._known[exercise] = Future()
                work = partial(_settle_future, future, make)
                threading.Thread(target=work, name=f"reference {exercise}", daemon=True).start()
        return future


def _settle_future(future: Future[Graded], make: Callable[[], Graded]) -> None:
    try:
        future.set_result(make())
    except BaseException as error:
        future.set_exception(error)


@dataclass(slots=True)
class CheckServers:
    """A warm process for each exercise that is graded: started when needed, anew if it ended."""

    course: Course
    _running: dict[str, tuple[subprocess.Popen[bytes], socket.socket]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def warm(self, exercises: Iterable[str]) -> None:
        """Start the processes of these exercises now."""
        with self._lock:
            for exercise in exercises:
                self._control(exercise)

    def fork(self, exercise: str) -> Connection:
        """Return the line to a fresh fork of the exercise's process."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            socket.send_fds(self._control(exercise), [b"."], [theirs.fileno()])
        return Connection(ours.detach())

    def end(self) -> None:
        """End all of them and, through the kernel, their forks."""
        with self._lock:
            for process, control in self._running.values():
                process.kill()
                control.close()
                process.wait()
            self._running.clear()

    def _control(self, exercise: str) -> socket.socket:
        known = self._running.get(exercise)
        if known is not None and known[0].poll() is not None:
            known[1].close()
            known = None
        if known is None:
            known = self._running[exercise] = self._started(exercise)
        return known[1]

    def _started(self, exercise: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-s", "-P", "-m", "autograder.grading.check_server"]
            process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                env={**os.environ, **single_threaded()},
            )
        control.sendall(pickle.dumps(Begin(self.course, exercise)))
        return process, control


@dataclass(slots=True)
class Scorer:
    """Grades tasks one at a time for each calling thread; every grading has its own process."""

    course: Course
    station: Station
    isolation: Isolation | None = None  # None: the station was not probed
    references: References = field(default_factory=References)
    stopped: threading.Event = field(default_factory=threading.Event)
    checkers: CheckServers = field(init=False)

    def __post_init__(self) -> None:
        self.checkers = CheckServers(self.course)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End every grading that is under way, and let none begin."""
        self.stopped.set()
        self.checkers.end()

    def score(self, task: Task) -> Result:
        """Return the final result of one task; never raises for what a student did."""
        return self.graded(task).result

    def graded(self, task: Task) -> Graded:
        """Return the final result of one task and what else its grading showed.

        The result says so where student code could have got out.
        """
        graded = self._graded(task)
        result = self._settle(task, graded.result)
        if self.isolation is not None:
            result = replace(result, isolation=self.isolation.summary)
            if not self.isolation.sufficient:
                result = result.with_note(_WEAK)
        return replace(graded, result=result)

    def observe(self, task: Task) -> Graded:
        """Return one task as it was graded, with what it showed of every metric; nothing settled.

        Without a pace: a calibration asks how good an answer is, not how quick.
        """
        return self._graded(task, paced=False)

    def reference(self, exercise: str) -> Graded:
        """Return the graded reference solution of an exercise."""
        return self._ask_reference(exercise).result()

    def _ask_reference(self, exercise: str) -> Future[Graded]:
        return self.references.ask(
            exercise, lambda: self._graded(self._reference_task(exercise), paced=False)
        )

    def _reference_task(self, exercise: str) -> Task:
        authored = self.course.place.exercise(exercise)
        answer = authored.solution
        return Task.for_answer(exercise, answer, trained_model(authored, answer))

    def _graded(self, task: Task, *, paced: bool = True) -> Graded:
        """Grade; what failed through our own fault once may have been a process that was lost."""
        evidence = f"the grader's own process ended {_TRIES} times before it had a result"
        failed = Graded(grader_error(task, self.course, evidence, time.monotonic()))
        for number in range(1, _TRIES + 1):
            graded = None if self.stopped.is_set() else self._attempt(task, paced)
            if graded is not None and graded.result.status is not Status.GRADER_ERROR:
                return graded
            failed = graded or failed
            if number < _TRIES and not self.stopped.is_set():
                why = graded.result.evidence if graded else "its process ended without a result"
                told = task.student or "the reference", task.exercise, why
                _LOG.warning("%s (%s) is graded again, through no fault of theirs: %s", *told)
        return failed

    def _attempt(self, task: Task, paced: bool) -> Graded | None:
        try:
            with self.checkers.fork(task.exercise) as link:
                link.send(Question(task, self.station, paced))
                return self._converse(link, task)
        except (EOFError, OSError):
            return None

    def _converse(self, link: Connection, task: Task) -> Graded:
        """Answer the fork's question for the reference's pace until it sends its result.

        It goes on meanwhile, and may well have its result before the reference has one.
        """
        pace: Future[Graded] | None = None
        while True:
            if link.poll(_POLL if pace else None):
                message = link.recv()
                if isinstance(message, Graded):
                    return message
                pace = self._ask_reference(task.exercise)
            elif pace and pace.done():
                with contextlib.suppress(BrokenPipeError):  # it has just finished: read on
                    link.send(dict(pace.result().seconds))
                pace = None

    def _settle(self, task: Task, result: Result) -> Result:
        """Decide errors inside checks: ours where the reference raises them too, else theirs."""
        if all(check.outcome is not Outcome.GRADER_ERROR for check in result.checks):
            return result
        reference = {check.id: check for check in self.reference(task.exercise).result.checks}
        checks = tuple(_settled(check, reference.get(check.id)) for check in result.checks)
        ours = any(check.outcome is Outcome.GRADER_ERROR for check in checks)
        if not ours:
            return replace(result, checks=checks)
        return replace(result, checks=checks, status=Status.GRADER_ERROR, message=WITHHELD)


def _settled(check: Check, reference: Check | None) -> Check:
    if check.outcome is not Outcome.GRADER_ERROR:
        return check
    ours = reference is None or reference.outcome is Outcome.GRADER_ERROR
    return check if ours else replace(check, outcome=Outcome.FAILED)
