"""`autograder export`: an nbgrader course's grades as a CSV file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands import options


@click.command("export")
@click.option("--course", type=options.PATH, default=".", help="nbgrader's folder; default: here.")
@click.option("-o", "--out", required=True, type=options.PATH, help="The CSV file to write.")
@click.option("--checks", is_flag=True, help="A column for each check as well.")
@click.option("--assignment", "assignments", multiple=True, help="This one only; repeatable.")
@click.option("--student", "students", multiple=True, help="This one only; repeatable.")
def command(
    course: Path, out: Path, checks: bool, assignments: tuple[str, ...], students: tuple[str, ...]
) -> None:
    """Write an nbgrader course's grades as a CSV file that spreadsheets read safely.

    Exits 0 when the file is written, 1 when the course has no gradebook, and 2 when it was called
    wrongly.
    """
    from autograder.commands.export_run import run

    sys.exit(run(course, out, checks, assignments, students))
