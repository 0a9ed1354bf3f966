"""`autograder grade`: a class in, scores and reasons out."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from autograder import __version__, data
from autograder.archive import Unreadable
from autograder.batch import Batch, WeakIsolation, default_workers, grader
from autograder.commands.places import course_root, read_key
from autograder.course import Course
from autograder.grade import Task, grader_error
from autograder.report import csv_file, json_file, table, text
from autograder.report.files import points, printable
from autograder.result import Result, Status
from autograder.sandbox.probe import Isolation
from autograder.scoring import Scorer
from autograder.submissions import Collected, NoSuchPath, Rejected, Submission, collect

EXIT_DONE, EXIT_INTERRUPTED, EXIT_GRADER_FAILED = 0, 130, 3


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


def run(request: Request) -> int:
    """Grade, write OUT and print the table; return the exit code."""
    place = course_root(request.root)
    course = Course(place.path, read_key(request.secret), request.seed)
    found = _collect(request, place.names())
    session = _Session(request, course, Console(stderr=False))
    try:
        with grader(course, accept_weak_isolation=request.accept_weak_isolation) as engine:
            session.environment = _environment(engine.isolation, request.seed)
            session.weak = not engine.isolation.sufficient
            finished = session.grade(found, engine.scorer)
    except WeakIsolation as error:
        raise click.ClickException(str(error)) from None
    if not finished:
        return EXIT_INTERRUPTED
    failed = any(result.status is Status.GRADER_ERROR for result in session.results)
    return EXIT_GRADER_FAILED if failed else EXIT_DONE


def _collect(request: Request, names: tuple[str, ...]) -> Collected:
    if request.exercise is not None and request.exercise not in names:
        raise click.UsageError(f"no exercise {request.exercise!r}; there: {', '.join(names)}")
    try:
        return collect(request.paths, names, exercise=request.exercise)
    except NoSuchPath as error:
        raise click.UsageError(str(error)) from None


@dataclass(slots=True)
class _Session:
    request: Request
    course: Course
    console: Console
    results: list[Result] = field(default_factory=list)
    environment: dict[str, Any] = field(default_factory=dict)
    weak: bool = False

    def grade(self, found: Collected, scorer: Scorer) -> bool:
        """Grade everything found; return False when interrupted. Writes the reports either way."""
        self.results += [_rejected(item, self.course) for item in found.rejected]
        workers = self.request.workers or default_workers()
        batch = Batch(found.submissions, lambda item: _score(item, scorer), workers)
        finished = True
        try:
            self._follow(batch)
        except KeyboardInterrupt:
            scorer.stop()
            finished = False
        self._write()
        self.console.print(table.render(self.results))
        if not finished:
            left = len(found.submissions) + len(found.rejected) - len(self.results)
            self.console.print(f"Interrupted: {left} left ungraded; the rest is written.")
        self.console.print(f"Results: {self.request.out}", highlight=False)
        return finished

    def _follow(self, batch: Batch[Submission, Result]) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            bar = progress.add_task("grading", total=len(batch.items))
            for number, (_, result) in enumerate(batch, 1):
                self.results.append(_marked(result, self.weak))
                progress.update(bar, advance=1)
                if not self.console.is_terminal:
                    line = f"{number}/{len(batch.items)} {_brief(result)}"
                    progress.console.print(line, markup=False, highlight=False)

    def _write(self) -> None:
        out = self.request.out
        json_file.write(out, self.results, version=__version__, environment=self.environment)
        csv_file.write(out, self.results)
        text.write(out, self.results)


def _brief(result: Result) -> str:
    """Return one line on a finished submission, for a log that no progress bar can move in."""
    what = f"{points(result.score)} of {points(result.max_score)}"
    ended = what if result.status is Status.GRADED else str(result.status).replace("_", " ")
    return f"{printable(result.student)} {result.exercise}: {ended}, {result.seconds:.1f} s"


def _score(item: Submission, scorer: Scorer) -> Result:
    task = Task(item.student, item.exercise, item.source, item.suffix, b"", item.sha256, item.notes)
    try:
        content = item.read()
    except (Unreadable, OSError) as error:
        return grader_error(task, scorer.course, str(error), time.monotonic())
    return scorer.score(replace(task, content=content))


def _rejected(item: Rejected, course: Course) -> Result:
    return Result(
        student=item.student,
        exercise=item.exercise,
        source=item.source,
        sha256="",
        key=data.fingerprint(course.key),
        status=Status.REJECTED,
        message=item.reason,
    )


def _marked(result: Result, weak: bool) -> Result:
    if not weak:
        return result
    return result.with_note("Graded with weak isolation: student code could have got out.")


def _environment(isolation: Isolation, seed: int) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        **_versions(("tensorflow", "keras", "numpy", "pytest")),
        "isolation": isolation.to_json(),
        "seed": seed,
        "threads": 1,
    }


def _versions(names: Iterable[str]) -> dict[str, str]:
    return {name: version(name) for name in names}
