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
    "--runs",
    type=click.IntRange(4),
    default=60,
    show_default=True,
    help="Of honest answers; runs on file count, so a larger number grades the difference.",
)
@click.option(
    "--bound",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="RATE",
    help="End before, as soon as the false fails of each threshold are at most RATE.",
)
@options.workers
@click.option(
    "--accept-weak-isolation",
    is_flag=True,
    help="Grade although the answers' code could get out.",
)
@click.option("--fresh", is_flag=True, help="Grade again what has been graded.")
@click.option("--dask", metavar="ADDRESS", help="Grade on the Dask cluster with this scheduler.")
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
    bound: float | None,
    workers: int | None,
    accept_weak_isolation: bool,
    fresh: bool,
    dask: str | None,
    from_file: bool,
    restamp: bool,
    since: str | None,
) -> None:
    """Choose thresholds from many runs of honest and weak answers.

    It says beforehand how many runs there are, keeps every finished run, and grades again only what
    a change can affect: an answer whose code has changed, and everything after a change of the
    metrics, the reference, the data or the libraries.

    Exits 0 when every threshold keeps them apart, 1 when a threshold does not, the reference or
    another answer does not run, a declared threshold is not measured, or a metric changed that
    --restamp replays, 2 when it was called wrongly or a file of the course has a fault, 3 when it
    lost its cluster, and 130 after Ctrl-C.
    """
    if from_file and restamp:
        raise click.UsageError("--from-file and --restamp exclude each other")
    if since is not None and not restamp:
        raise click.UsageError("--since goes with --restamp")
    if restamp:
        from autograder.commands import calibrate_restamp

        sys.exit(calibrate_restamp.restamp(names, root, since, workers))
    from autograder.commands import calibrate_run
    from autograder.commands.calibrate_work import Request

    if from_file:
        sys.exit(calibrate_run.rechoose(names, root))
    sys.exit(
        calibrate_run.run(
            Request(names, root, runs, bound, workers, dask, accept_weak_isolation, fresh)
        )
    )
