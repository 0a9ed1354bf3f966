"""`autograder list`: the exercises of a course."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands import options


@click.command("list")
@options.released_root
def command(root: Path | None) -> None:
    """List the exercises.

    Exits 0, or 2 when there are no exercises.
    """
    from autograder.commands import students

    students.list_exercises(root)
