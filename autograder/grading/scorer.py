"""Has each submission graded in a process of its own, once more where the grader was at fault."""

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
from autograder.grading.check_server import Begin, GradingRequest
from autograder.grading.fault import settle
from autograder.grading.grading import Graded, grader_error
from autograder.grading.task import Task
from autograder.result import Result, Status
from autograder.sandbox.launch import single_threaded
from autograder.sandbox.probe import Isolation
from autograder.sandbox.spawn import Station

_LOG = logging.getLogger(__name__)
_WEAK = "Graded with weak isolation: student code could have got out."
_POLL = 0.1  # seconds


@dataclass(slots=True)
class References:
    """The graded reference solution of each exercise; each is graded when first asked for."""

    _futures: dict[str, Future[Graded]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, exercise: str, make: Callable[[], Graded]) -> Future[Graded]:
        """Return the future of the graded reference; the first call has `make()` grade it."""
        with self._lock:
            future = self._futures.get(exercise)
            if future is None:
                future = self._futures[exercise] = Future()
                work = partial(_fulfil, future, make)
                threading.Thread(target=work, name=f"reference {exercise}", daemon=True).start()
        return future


def _fulfil(future: Future[Graded], make: Callable[[], Graded]) -> None:
    try:
        future.set_result(make())
    except BaseException as error:
        future.set_exception(error)


@dataclass(slots=True)
class CheckServers:
    """A check server for each exercise that is graded: started when needed, again if it ended."""

    course: Course
    _running: dict[str, tuple[subprocess.Popen[bytes], socket.socket]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def warm(self, exercises: Iterable[str]) -> None:
        """Start the check servers of these exercises now."""
        with self._lock:
            for exercise in exercises:
                self._control(exercise)

    def fork(self, exercise: str) -> Connection:
        """Return the connection to a new fork of the exercise's check server; raises OSError."""
        near, far = socket.socketpair()
        with far, self._lock:
            socket.send_fds(self._control(exercise), [b"."], [far.fileno()])
        return Connection(near.detach())

    def end(self) -> None:
        """End all check servers; the kernel ends their forks with them."""
        with self._lock:
            for process, control in self._running.values():
                process.kill()
                control.close()
                process.wait()
            self._running.clear()

    def _control(self, exercise: str) -> socket.socket:
        running = self._running.get(exercise)
        if running is not None and running[0].poll() is not None:
            running[1].close()
            running = None
        if running is None:
            running = self._running[exercise] = self._started(exercise)
        return running[1]

    def _started(self, exercise: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
        control, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            command = [sys.executable, "-s", "-P", "-m", "autograder.grading.check_server"]
            process = subprocess.Popen(
                [*command, str(far.fileno())],
                pass_fds=(far.fileno(),),
                stdin=subprocess.DEVNULL,
                env={**os.environ, **single_threaded()},
            )
        control.sendall(pickle.dumps(Begin(self.course, exercise)))
        return process, control


@dataclass(slots=True)
class Scorer:
    """Grades a task in each thread that calls it; every grading has a process of its own.

    `isolation` is what the station keeps in, None where that was not probed. `references` may be
    shared by scorers of one course.
    """

    course: Course
    station: Station
    isolation: Isolation | None = None
    references: References = field(default_factory=References)
    stopped: threading.Event = field(default_factory=threading.Event)
    check_servers: CheckServers = field(init=False)

    def __post_init__(self) -> None:
        self.check_servers = CheckServers(self.course)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End every grading that is under way, and begin no other."""
        self.stopped.set()
        self.check_servers.end()

    def score(self, task: Task) -> Result:
        """Return the final result of one task; nothing that a student did raises an exception."""
        return self.graded(task).result

    def graded(self, task: Task) -> Graded:
        """Return the final result of one task and what else its grading showed.

        The result says so where student code could have got out.
        """
        graded = self._graded(task)
        result = settle(graded.result, lambda: self.reference(task.exercise).result)
        if self.isolation is not None:
            result = replace(result, isolation=self.isolation.summary)
            if not self.isolation.sufficient:
                result = result.with_note(_WEAK)
        return replace(graded, result=result)

    def observe(self, task: Task) -> Graded:
        """Return one task as it was graded, with the first value of every metric.

        Errors inside checks are not decided. A call may take an hour: a calibration asks how good
        an answer is, not how quick.
        """
        return self._graded(task, timed=False)

    def reference(self, exercise: str) -> Graded:
        """Return the graded reference solution of an exercise."""
        return self._ask_reference(exercise).result()

    def _ask_reference(self, exercise: str) -> Future[Graded]:
        return self.references.ask(
            exercise, lambda: self._graded(self._reference_task(exercise), timed=False)
        )

    def _reference_task(self, exercise: str) -> Task:
        authored = self.course.place.exercise(exercise)
        return Task.for_answer(authored, authored.solution)

    def _graded(self, task: Task, *, timed: bool = True) -> Graded:
        """Grade; after a fault of the grader, such as a lost process, grade as often as allowed."""
        times = "once" if task.tries == 1 else f"{task.tries} times"
        evidence = f"the grader's own process ended {times} before it had a result"
        failed = Graded(grader_error(task, self.course, evidence, time.monotonic()))
        for number in range(1, task.tries + 1):
            graded = None if self.stopped.is_set() else self._attempt(task, timed)
            if graded is not None and graded.result.status is not Status.GRADER_ERROR:
                return graded
            failed = graded or failed
            if number < task.tries and not self.stopped.is_set():
                why = graded.result.evidence if graded else "its process ended without a result"
                student = task.student or "the reference"
                _LOG.warning(
                    "%s (%s) is graded again, through no fault of theirs: %s",
                    *(student, task.exercise, why),
                )
        return failed

    def _attempt(self, task: Task, timed: bool) -> Graded | None:
        try:
            with self.check_servers.fork(task.exercise) as connection:
                connection.send(GradingRequest(task, self.station, timed))
                return self._converse(connection, task)
        except (EOFError, OSError):
            return None

    def _converse(self, connection: Connection, task: Task) -> Graded:
        """Return the result that the fork sends; send it the reference's seconds when it asks.

        The fork goes on meanwhile, and may have its result before the reference has been timed.
        """
        reference: Future[Graded] | None = None
        while True:
            if connection.poll(_POLL if reference else None):
                message = connection.recv()
                if isinstance(message, Graded):
                    return message
                reference = self._ask_reference(task.exercise)
            elif reference and reference.done():
                with contextlib.suppress(BrokenPipeError):  # the fork has just ended: read on
                    connection.send(dict(reference.result().seconds))
                reference = None
