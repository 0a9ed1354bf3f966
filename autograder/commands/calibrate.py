"""`autograder calibrate`: thresholds chosen from what many runs of known answers measure."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands import options


@click.command("calibrate")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@options.authored_root
@click.option(
    "--runs", type=click.IntRange(4), default=60, show_default=True, help="Of honest answers."
)
@options.workers
@click.option("--from-file", is_flag=True, help="Grade nothing: choose anew from the runs on file.")
@click.option(
    "--restamp",
    is_flag=True,
    help="After a change of code that changed no metric: prove it with five runs, keep the rest.",
)
@click.option(
    "--since",
    metavar="REV",
    help="With --restamp: the git revision that was measured; default: that of calibration.json.",
)
def command(
    names: tuple[str, ...],
    root: Path | None,
    runs: int,
    workers: int | None,
    from_file: bool,
    restamp: bool,
    since: str | None,
) -> None:
    """Choose thresholds from many runs of honest and weak answers.

    Exits 0 when every threshold keeps them apart, 1 when a threshold does not, an answer does not
    run, or a metric changed that --restamp replays, and 2 when it was called wrongly or a file of
    the course has a fault.
    """
    from autograder.commands import calibrate_run

    if from_file and restamp:
        raise click.UsageError("--from-file and --restamp exclude each other")
    if since is not None and not restamp:
        raise click.UsageError("--since goes with --restamp")
    if restamp:
        sys.exit(calibrate_run.restamp(names, root, since, workers))
    if from_file:
        sys.exit(calibrate_run.rechoose(names, root))
    sys.exit(calibrate_run.run(names, root, runs, workers))
