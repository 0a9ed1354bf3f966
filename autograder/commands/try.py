"""`autograder try`: what students would read for each known answer of an exercise."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands import options


@click.command("try")
@click.argument("name")
@options.authored_root
@options.workers
@click.option("--watch", is_flag=True, help="Again on every save, until Ctrl-C.")
def command(name: str, root: Path | None, workers: int | None, watch: bool) -> None:
    """Grade the known answers of an exercise and show what a student would read.

    Nothing needs to be released or calibrated. A threshold without a value gets a provisional
    limit: halfway between the worst honest and the best weak answer of this run.

    Exits 0 when every answer came out as it must, 1 when an answer did not, 2 when it was called
    wrongly or a file of the exercise has a fault, 130 after Ctrl-C.
    """
    from autograder.commands import try_run

    sys.exit(try_run.run(try_run.Request(name, root, workers, watch)))
