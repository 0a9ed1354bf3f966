"""The warm process of one exercise: it collects the checks once and forks for each submission.

Runs as `python -m autograder.grading.check_server FD`. FD is a SOCK_SEQPACKET socket. Its first
message is a pickled Begin; every later message brings the descriptor of a connection over which a
fork reads a GradingRequest and sends a Graded. Before that the fork may send "timing", and then
reads how many seconds the reference's functions take. Closing the socket ends the process and its
forks.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import NoReturn

from autograder.course.course import Course
from autograder.errors import UnreadableNotebook
from autograder.grading.grading import Graded, Grading, Prepared, empty, grader_error, prepare
from autograder.grading.task import Task
from autograder.proxies.timeouts import ReferenceTiming
from autograder.result import Check
from autograder.runner.plugin import Fixtures, Shared, run_collected
from autograder.sandbox import confine
from autograder.sandbox.spawn import Station
from autograder.text import printable

MAX_BEGIN = 1 << 16
"""How many bytes the pickled Begin may have."""


@dataclass(frozen=True, slots=True)
class Begin:
    """The course and the exercise whose checks the process collects."""

    course: Course
    exercise: str


@dataclass(frozen=True, slots=True)
class GradingRequest:
    """One submission and the station that starts its workers.

    `timed` tells whether a call is held to a multiple of the reference's time.
    """

    task: Task
    station: Station
    timed: bool


@dataclass(slots=True)
class _Server:
    """Forks for each submission; in a fork it holds that submission's request and connection."""

    control: socket.socket
    begin: Begin
    prepared: Prepared | None = None
    connection: Connection | None = None
    request: GradingRequest | None = None
    grading: Grading | None = None

    def arrive(self) -> Fixtures:
        """Fork for every submission that comes; return in the forks, with the checks' fixtures."""
        gc.collect()
        gc.freeze()  # collections in a fork then leave the shared pages alone
        request = self._next()
        assert self.prepared is not None
        timing = ReferenceTiming(self._measure) if request.timed else None
        self.grading = Grading(request.task, self.prepared, request.station, timing)
        try:
            return self.grading.begin()
        except UnreadableNotebook as error:
            result = empty(request.task, self.begin.course, self.grading.started)
            self._respond(Graded(replace(result, message=printable(str(error)))))

    def finish(self, checks: Sequence[Check]) -> NoReturn:
        """Send the result that these checks came to."""
        assert self.grading is not None
        self._respond(self.grading.end(checks))

    def fail(self, evidence: str) -> NoReturn:
        """Send a grader error: in a fork for its submission, else for every submission to come."""
        started = time.monotonic()
        task = (self.request or self._next()).task
        self._respond(Graded(grader_error(task, self.begin.course, evidence, started)))

    def _next(self) -> GradingRequest:
        """Fork for every submission that comes; return in the forks, with the request."""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks are not waited for
        while True:
            data, descriptors, _, _ = socket.recv_fds(self.control, 1, 1)
            if not data:
                os._exit(0)
            if os.fork() == 0:
                break
            os.close(descriptors[0])
        confine.end_with_parent()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.control.close()
        self.connection = Connection(descriptors[0])
        request: GradingRequest = self.connection.recv()
        self.request = request
        return request

    def _respond(self, graded: Graded) -> NoReturn:
        assert self.connection is not None
        self.connection.send(graded)
        os._exit(0)  # workers end with their lease, and the kernel frees what pytest would tidy up

    def _measure(self) -> dict[str, float]:
        assert self.connection is not None
        self.connection.send("timing")
        seconds: dict[str, float] = self.connection.recv()
        return seconds


def main() -> None:
    """Collect the checks, then serve the socket given as a descriptor."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the batch handles Ctrl-C
    control = socket.socket(fileno=int(sys.argv[1]))
    server = _Server(control, pickle.loads(control.recv(MAX_BEGIN)))
    try:
        server.prepared = prepare(server.begin.course, server.begin.exercise)
        exercise = server.prepared.exercise
        shared = Shared(
            server.prepared.split, server.prepared.thresholds, server.prepared.course.key
        )
        checks = run_collected([exercise.visible, exercise.hidden], shared, server.arrive)
    except Exception:  # the boundary: no student's code runs in this process
        server.fail(traceback.format_exc())
    server.finish(checks)


if __name__ == "__main__":
    main()
