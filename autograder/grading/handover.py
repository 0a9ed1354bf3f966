"""Hands submissions over to the site that grades them, and settles what goes wrong on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from functools import partial

from autograder.course.course import Course
from autograder.errors import UnreadableFile
from autograder.grading.grading import grader_error
from autograder.grading.progress import Progress
from autograder.grading.site import Site
from autograder.grading.task import Task
from autograder.grading.worklist import Work
from autograder.result import Result


def hand_over(
    site: Site, course: Course, progress: Progress, work: Work, *, tries: int = 2
) -> Future[Result]:
    """Have one submission graded at the site and return the future of its result.

    It is graded `tries` times at most before a fault of the grader stands. Whatever goes wrong on
    the way is the grader's own fault and a result that says so. The future raises CancelledError
    when the site has given the submission up.
    """
    settled: Future[Result] = Future()
    settled.set_running_or_notify_cancel()  # from now on only the lines below end it
    started = time.monotonic()

    def fail(error: BaseException) -> None:
        evidence = f"{type(error).__name__}: {error}"
        settled.set_result(grader_error(work.unread(), course, evidence, started))

    def settle(future: Future[Result]) -> None:
        if future.cancelled():
            settled.set_exception(CancelledError())
        elif error := future.exception():
            fail(error)
        else:
            settled.set_result(future.result())

    first = work.submissions[0]
    score = site.score
    if site.is_here:
        score = partial(_watched, progress, f"{first.student} {first.exercise}", score)
    try:
        site.executor.submit(score, replace(work.task(), tries=tries)).add_done_callback(settle)
    except (UnreadableFile, OSError) as error:
        fail(error)
    return settled


def _watched(
    progress: Progress, submission: str, score: Callable[[Task], Result], task: Task
) -> Result:
    with progress.doing(submission):
        return score(task)
