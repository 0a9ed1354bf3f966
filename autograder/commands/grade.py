"""`autograder grade`: a class in, scores and reasons out."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from autograder import __version__
from autograder.commands.progress import Display
from autograder.commands.resolve import course_root
from autograder.course.course import Course
from autograder.course.datasets import read_key
from autograder.course.exercise import Root, settings_of
from autograder.errors import JournalError, MissingPath, SiteError, UnreadableFile, WeakIsolation
from autograder.grading.batch import Batch
from autograder.grading.cache_key import Keys
from autograder.grading.grading import grader_error
from autograder.grading.journal import NAME, open_journal
from autograder.grading.site import Site, default_workers, local_site
from autograder.grading.task import Task
from autograder.grading.worklist import Work, Worklist
from autograder.report import csv_file, json_file, student_pages, table
from autograder.result import Result
from autograder.submissions.collect import collect
from autograder.submissions.submission import Collected

EXIT_DONE, EXIT_INTERRUPTED, EXIT_GRADER_FAILED = 0, 130, 3


class Failed(click.ClickException):
    """The grader itself could not go on."""

    exit_code = EXIT_GRADER_FAILED


@dataclass(frozen=True, slots=True)
class Request:
    """The command line."""

    paths: tuple[Path, ...]
    out: Path
    workers: int | None = None
    exercise: str | None = None
    root: Path | None = None
    secret: Path | None = None
    seed: int = 0
    accept_weak_isolation: bool = False
    fresh: bool = False
    journal: Path | None = None
    dask: str | None = None


def run(request: Request) -> int:
    """Grade what is not finished yet, write OUT, print the table; return the exit code."""
    place = course_root(request.root)
    course = Course(place.path, read_key(request.secret), request.seed)
    found = _collect(request, place)
    console = Console(stderr=False)
    try:
        with open_journal(request.journal or request.out / NAME, fresh=request.fresh) as journal:
            keys = Keys(course, request.accept_weak_isolation)
            return _Session(request, Worklist(found, keys, journal), console).run()
    except JournalError as error:
        raise Failed(str(error)) from None
    except (WeakIsolation, SiteError) as error:
        raise click.ClickException(str(error)) from None


def _collect(request: Request, place: Root) -> Collected:
    names = place.names()
    accepted = {name: settings_of(place.exercise(name)).model for name in names}
    models = {name: model for name, model in accepted.items() if model}
    if request.exercise is not None and request.exercise not in names:
        raise click.UsageError(f"no exercise {request.exercise!r}; there: {', '.join(names)}")
    try:
        return collect(request.paths, names, exercise=request.exercise, models=models)
    except MissingPath as error:
        raise click.UsageError(str(error)) from None


@dataclass(frozen=True, slots=True)
class _Early:
    """Why a batch ended before its end, and the exit code for it."""

    why: str
    code: int


_INTERRUPTED = _Early("Interrupted", EXIT_INTERRUPTED)
_LOST = _Early("The cluster was lost", EXIT_GRADER_FAILED)


@dataclass(slots=True)
class _Session:
    request: Request
    records: Worklist
    console: Console

    def run(self) -> int:
        self._tell_what_is_there()
        early = self._grade() if self.records.work else None
        self._write()
        if early is not None:
            left = self.records.left
            self.console.print(f"{early.why}: {left} left ungraded; the rest is written.")
            return early.code
        if self.records.withheld:
            return EXIT_GRADER_FAILED
        self.records.journal.complete()
        return EXIT_DONE

    def _tell_what_is_there(self) -> None:
        if self.records.kept:
            self._tell(f"{self.records.kept} graded before and kept (--fresh grades them again).")
        shared = sum(len(work.submissions) - 1 for work in self.records.work)
        if shared:
            self._tell(f"{shared} identical to another and graded once with it.")

    def _grade(self) -> _Early | None:
        """Grade all that is left; return why where it ended before."""
        records = self.records
        display = Display(self.console, sum(len(work.submissions) for work in records.work))
        try:
            with ExitStack() as stack:
                with self.console.status("Starting the sandbox"):
                    engine = stack.enter_context(self._engine())
                environment = _environment(engine.isolation, self.request.seed)
                records.journal.remember(environment)
                submit = partial(_submitted, engine, display, records.keys.course)
                stack.enter_context(display.shown())
                for work, result in Batch(records.work, submit, engine.at_once):
                    for one in records.finish(work, result):
                        display.finished(one)
        except KeyboardInterrupt:
            return _INTERRUPTED
        except CancelledError:  # nobody here cancels what the batch still waits for
            return _LOST
        return None

    def _engine(self) -> AbstractContextManager[Site]:
        request, course = self.request, self.records.keys.course
        weak = request.accept_weak_isolation
        if request.dask is not None:
            return _cluster(request.dask, course, self._tell, accept_weak_isolation=weak)
        workers = request.workers or default_workers()
        names = sorted({work.submissions[0].exercise for work in self.records.work})
        return local_site(course, names, workers, accept_weak_isolation=weak)

    def _tell(self, line: str) -> None:
        self.console.print(line, markup=False, highlight=False)

    def _write(self) -> None:
        out, records = self.request.out, self.records
        environment = records.journal.environment()
        try:
            json_file.write(out, records, version=__version__, environment=environment)
            csv_file.write(out, records)
            student_pages.write(out, records)
        except OSError as error:
            raise Failed(
                f"the reports could not be written ({error}). No result is lost: run the same "
                "command again."
            ) from None
        self.console.print(table.render(records))
        self._tell(f"Results: {out}")


def _cluster(
    address: str, course: Course, tell: Callable[[str], None], *, accept_weak_isolation: bool
) -> AbstractContextManager[Site]:
    try:
        from autograder.grading.cluster import cluster_site
    except ModuleNotFoundError as error:
        raise click.UsageError(
            f"--dask needs {error.name}: pip install 'keras-autograder[dask]'"
        ) from None
    return cluster_site(address, course, tell, accept_weak_isolation=accept_weak_isolation)


def _submitted(engine: Site, display: Display, course: Course, work: Work) -> Future[Result]:
    """Hand one submission to the engine; whatever goes wrong on the way is our own fault."""
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
    what = f"{first.student} {first.exercise}"
    score = partial(_watched, display, what, engine.score) if engine.is_here else engine.score
    try:
        engine.executor.submit(score, work.task()).add_done_callback(settle)
    except (UnreadableFile, OSError) as error:
        fail(error)
    return settled


def _watched(display: Display, what: str, score: Callable[[Task], Result], task: Task) -> Result:
    with display.doing(what):
        return score(task)


def _environment(isolation: Mapping[str, Any], seed: int) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("tensorflow", "keras", "numpy", "pytest")},
        "isolation": dict(isolation),
        "seed": seed,
        "threads": 1,
    }
