"""`autograder autograde`: what `nbgrader autograde` does, on many workers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands import options


@click.command("autograde")
@click.argument("assignment")
@click.option("--course", type=options.PATH, default=".", help="nbgrader's folder; default: here.")
@click.option("--student", "students", multiple=True, help="Grade this one only; repeatable.")
@options.workers
@click.option("--force", is_flag=True, help="Grade again what has been graded.")
def command(
    assignment: str, course: Path, students: tuple[str, ...], workers: int | None, force: bool
) -> None:
    """Do what `nbgrader autograde` does for a whole ASSIGNMENT, in parallel.

    Exits 0 when every submission is graded, 1 when a submission could not be graded (the others
    are) or grading cannot start here, and 2 when it was called wrongly.
    """
    from autograder.commands.autograde_run import Request, run

    sys.exit(run(Request(assignment, course, students, workers, force)))
