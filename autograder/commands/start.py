"""`autograder start`: an exercise's files, copied for a student."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands import options


@click.command("start")
@click.argument("exercise")
@click.argument("folder", type=options.PATH, metavar="DIR")
@options.released_root
def command(exercise: str, folder: Path, root: Path | None) -> None:
    """Put an exercise's notebook, data and visible checks into DIR.

    Exits 0 when the files are there, 1 when DIR has a file of the same name and nothing was
    changed, and 2 when it was called wrongly.
    """
    from autograder.commands import students

    students.start(exercise, folder, root)
