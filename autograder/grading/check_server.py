"""A warm process for one exercise: its checks are collected once, each submission gets a fork.

Runs as `python -m autograder.grading.check_server FD`. FD is a SOCK_SEQPACKET socket; the first
message is a pickled Begin, and every later one brings a descriptor over which a fork is asked one
Question and answers with a Graded. The fork may ask back for how long the reference's functions
take. A closed socket ends the process, and that ends its forks.
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

MAX_BEGIN = 1 << 16


@dataclass(frozen=True, slots=True)
class Begin:
    """What the process is for."""

    course: Course
    exercise: str


@dataclass(frozen=True, slots=True)
class Question:
    """One submission, where its workers are to be had, and whether its functions are paced."""

    task: Task
    station: Station
    paced: bool


@dataclass(slots=True)
class _Desk:
    """Takes submissions in; from then on a fork's own desk is about that one alone."""

    control: socket.socket
    begin: Begin
    prepared: Prepared | None = None
    link: Connection | None = None
    question: Question | None = None
    grading: Grading | None = None

    def arrive(self) -> Fixtures:
        """Fork for every submission that comes; return in the forks, with what it is given."""
        gc.collect()
        gc.freeze()  # collections in a fork then leave the shared pages alone
        question = self._next()
        assert self.prepared is not None
        pace = ReferenceTiming(self._measure) if question.paced else None
        self.grading = Grading(question.task, self.prepared, question.station, pace)
        try:
            return self.grading.begin()
        except UnreadableNotebook as error:
            result = empty(question.task, self.begin.course, self.grading.started)
            self._answer(Graded(replace(result, message=str(error))))

    def finish(self, checks: Sequence[Check]) -> NoReturn:
        """Answer with what the checks came to."""
        assert self.grading is not None
        self._answer(self.grading.end(checks))

    def fail(self, evidence: str) -> NoReturn:
        """Answer that it was our own fault: once in a fork, else to everyone who comes."""
        started = time.monotonic()
        task = (self.question or self._next()).task
        self._answer(Graded(grader_error(task, self.begin.course, evidence, started)))

    def _next(self) -> Question:
        """Fork for every submission that comes; return in the forks, with the question."""
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
        self.link = Connection(descriptors[0])
        question: Question = self.link.recv()
        self.question = question
        return question

    def _answer(self, graded: Graded) -> NoReturn:
        assert self.link is not None
        self.link.send(graded)
        os._exit(0)  # workers end with their lease; what pytest would tidy up is the kernel's

    def _measure(self) -> dict[str, float]:
        assert self.link is not None
        self.link.send("pace")
        seconds: dict[str, float] = self.link.recv()
        return seconds


def main() -> None:
    """Collect the checks, then serve the socket given as a descriptor."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the batch's to handle
    control = socket.socket(fileno=int(sys.argv[1]))
    desk = _Desk(control, pickle.loads(control.recv(MAX_BEGIN)))
    try:
        desk.prepared = prepare(desk.begin.course, desk.begin.exercise)
        exercise = desk.prepared.exercise
        shared = Shared(desk.prepared.split, desk.prepared.thresholds)
        checks = run_collected([exercise.visible, exercise.hidden], shared, desk.arrive)
    except Exception:  # the boundary: whatever this is, no student did it
        desk.fail(traceback.format_exc())
    desk.finish(checks)


if __name__ == "__main__":
    main()
