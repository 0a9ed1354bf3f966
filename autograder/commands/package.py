"""`autograder package`: exercises become assignments of an nbgrader course."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands import options


@click.command("package")
@click.argument("names", nargs=-1, required=True, metavar="EXERCISE...")
@click.option(
    "--course", required=True, type=options.PATH, help="nbgrader's folder; made if missing."
)
@click.option(
    "--root", type=options.PATH, help="Where solutions/ lies; default: found from here upwards."
)
@options.secret
def command(names: tuple[str, ...], course: Path, root: Path | None, secret: Path | None) -> None:
    """Write exercises as assignments of an nbgrader course, or bring them up to date.

    Exits 0 when the course is up to date, 1 when an exercise cannot be released or the course's
    nbgrader_config.py cannot be read, and 2 when it was called wrongly.
    """
    from autograder.commands.package_run import run

    sys.exit(run(names, course, root, secret))
