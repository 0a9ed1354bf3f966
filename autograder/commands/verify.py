"""`autograder verify`: known answers graded, and what did not come out as it must."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands import options


@click.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@options.authored_root
@options.workers
@click.option(
    "--brief",
    is_flag=True,
    help="Where answers train: reference, stub, two right and two wrong ones, in turn by commit.",
)
@click.option(
    "--changed-since",
    metavar="REV",
    help="Only the exercises that what changed since this git revision can affect.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(0),
    help="Begin no answer after this time; those that are left out are named.",
)
@click.option("--fresh", is_flag=True, help="Grade again what has been graded.")
@click.option(
    "--journal",
    type=options.PATH,
    help="File for finished results; default: .autograder/verify.db in the course.",
)
def command(
    names: tuple[str, ...],
    root: Path | None,
    workers: int | None,
    brief: bool,
    changed_since: str | None,
    minutes: float | None,
    fresh: bool,
    journal: Path | None,
) -> None:
    """Prove exercises with reference, stub, wrong and right answers.

    A result is kept until something it depends on changes; a run that was interrupted goes on
    where it was.

    Exits 0 when every answer came out as it must, 1 when an answer did not or a file is stale, 2
    when it was called wrongly or a file of the course has a fault, 130 when it was interrupted.
    """
    from autograder.commands import verify_run

    request = verify_run.Request(
        names=names,
        root=root,
        workers=workers,
        brief=brief,
        changed_since=changed_since,
        minutes=minutes,
        fresh=fresh,
        journal=journal,
    )
    sys.exit(verify_run.run(request))
