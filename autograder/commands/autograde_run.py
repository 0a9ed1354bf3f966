"""Grades an nbgrader assignment on many workers and shows how far it is."""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass
from pathlib import Path

import click
from nbgrader.apps import AutogradeApp
from nbgrader.converters.base import NbGraderException
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SAWarning

from autograder.commands.telling import tell_fault
from autograder.errors import SandboxError, WeakIsolation
from autograder.grading.site import default_workers
from autograder.nbgrader.config import configure
from autograder.nbgrader.parallel import AutogradeOutcome, ParallelAutograde

_EXECUTE = "autograder.nbgrader.execute.SandboxedExecute"


@dataclass(frozen=True, slots=True)
class Request:
    """The options of `autograder autograde`; without `students` all of them are graded."""

    assignment: str
    course: Path
    students: tuple[str, ...]
    workers: int | None
    force: bool


def run(request: Request) -> int:
    """Grade an assignment; return 0, or 1 when a submission could not be graded."""
    console = Console(stderr=True)
    converter = _converter(request)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    kept = 0
    try:
        with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
            bar = progress.add_task(request.assignment, total=None)

            def show(outcome: AutogradeOutcome) -> None:
                nonlocal kept
                kept += outcome.kept
                progress.update(bar, total=len(converter.assignments), advance=1)
                for line in _lines(outcome):
                    progress.console.print(line, highlight=False)

            converter.on_outcome = show
            converter.start()
    except (NbGraderException, WeakIsolation, SandboxError) as error:
        tell_fault(console, error)
        return 1
    if kept:
        console.print(f"{kept} graded before and kept (--force grades them again).")
    return 0


def _lines(outcome: AutogradeOutcome) -> list[str]:
    student = escape(outcome.student)
    notes = [f"[yellow]![/] {student}: {escape(note)}" for note in outcome.notes]
    if outcome.problem:
        return [f"[red]✗[/] {student}: {escape(outcome.problem)}", *notes]
    return notes


def _converter(request: Request) -> ParallelAutograde:
    """Return the converter, configured by the course's own nbgrader_config.py."""
    warnings.filterwarnings("ignore", category=SAWarning)  # of nbgrader's own queries
    app = AutogradeApp()
    # A configuration read in part would grade by other rules, so an error in it ends the command.
    app.raise_config_file_errors = True
    root = str(request.course.resolve())
    with contextlib.chdir(root):
        try:
            app.initialize(["--log-level=ERROR"], root=root)
        except Exception as error:  # whatever the course's own Python raises
            message = f"{root}/nbgrader_config.py: {type(error).__name__}: {error}"
            raise click.ClickException(message) from error
    preprocessors = app.config.Autograde.get("autograde_preprocessors", [])
    if _EXECUTE not in preprocessors:
        configure(app.config)
    app.coursedir.assignment_id = request.assignment
    converter = ParallelAutograde(coursedir=app.coursedir, parent=app)
    converter.force = request.force
    converter.workers = request.workers or default_workers()
    converter.students = list(request.students)
    return converter
