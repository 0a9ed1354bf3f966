"""`autograder autograde`: what `nbgrader autograde` does, on many workers."""

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

from autograder.errors import SandboxError, WeakIsolation
from autograder.grading.site import default_workers
from autograder.nbgrader.config import configure
from autograder.nbgrader.parallel import Ended, ParallelAutograde

_EXECUTE = "autograder.nbgrader.execute.SandboxedExecute"


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

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

            def ended(one: Ended) -> None:
                nonlocal kept
                kept += one.kept
                progress.update(bar, total=len(converter.assignments), advance=1)
                for line in _lines(one):
                    progress.console.print(line, highlight=False)

            converter.ended = ended
            converter.start()
    except (NbGraderException, WeakIsolation, SandboxError) as error:
        console.print(f"[red]✗[/] {escape(str(error))}", highlight=False)
        return 1
    if kept:
        console.print(f"{kept} graded before and kept (--force grades them again).")
    return 0


def _lines(one: Ended) -> list[str]:
    problem = [f"[red]✗[/] {escape(one.student)}: {escape(one.problem)}"] if one.problem else []
    return [*problem, *(f"[yellow]![/] {escape(one.student)}: {escape(n)}" for n in one.notes)]


def _converter(request: Request) -> ParallelAutograde:
    """Return the converter, configured by the course's own nbgrader_config.py."""
    warnings.filterwarnings("ignore", category=SAWarning)  # of nbgrader's own queries
    app = AutogradeApp()
    # Half a configuration would grade by other rules: an error in it is told, not passed over.
    app.raise_config_file_errors = True
    root = str(request.course.resolve())
    with contextlib.chdir(root):
        try:
            app.initialize(["--log-level=ERROR"], root=root)
        except Exception as error:  # whatever the course's own Python raises
            told = f"{root}/nbgrader_config.py: {type(error).__name__}: {error}"
            raise click.ClickException(told) from error
    listed = app.config.Autograde.get("autograde_preprocessors", [])
    if _EXECUTE not in listed:
        configure(app.config)
    app.coursedir.assignment_id = request.assignment
    converter = ParallelAutograde(coursedir=app.coursedir, parent=app)
    converter.force = request.force
    converter.workers = request.workers or default_workers()
    converter.students = list(request.students)
    return converter
