"""`autograder check`: the visible checks, run by a student before handing in."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands import options


@click.command("check")
@click.argument("file", type=options.PATH)
@click.option("--exercise", metavar="NAME", help="What FILE answers, whatever FILE itself says.")
@options.released_root
def command(file: Path, exercise: str | None, root: Path | None) -> None:
    """Run the visible checks on FILE.

    The notebook's metadata say which exercise FILE answers; where they name none, its file name
    does.

    Exits 0 when all of them pass, 1 when one fails or FILE cannot be read, and 2 when it was called
    wrongly.
    """
    from autograder.commands import students

    sys.exit(students.check(file, root, exercise))
