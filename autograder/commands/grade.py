"""`autograder grade`: a class in, scores and reasons out."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands import options
from autograder.errors import (
    BatchInterrupted,
    ClusterLost,
    JournalError,
    MissingExtra,
    MissingPath,
    ReportError,
    SiteError,
    WeakIsolation,
)

EXIT_INTERRUPTED, EXIT_GRADER_FAILED = 130, 3


class Failed(click.ClickException):
    """The grader itself could not go on."""

    exit_code = EXIT_GRADER_FAILED


@click.command("grade")
@click.argument("paths", nargs=-1, required=True, type=options.PATH, metavar="PATH...")
@click.option(
    "-o", "--out", required=True, type=options.PATH, help="Folder for results and reports."
)
@options.workers
@click.option("--exercise", help="What a file answers that does not say so itself.")
@options.authored_root
@options.secret
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--accept-weak-isolation",
    is_flag=True,
    help="Grade although student code could get out; every result then says so.",
)
@click.option("--fresh", is_flag=True, help="Grade again what has been graded.")
@click.option(
    "--journal",
    type=options.PATH,
    help="File for finished results, on a local disk; default: journal.db in OUT.",
)
@click.option(
    "--adjustments",
    type=options.PATH,
    help="CSV file with points that people gave; default: adjustments.csv in the course.",
)
@click.option("--dask", metavar="ADDRESS", help="Grade on the Dask cluster with this scheduler.")
def command(
    paths: tuple[Path, ...],
    out: Path,
    workers: int | None,
    exercise: str | None,
    root: Path | None,
    secret: Path | None,
    seed: int,
    accept_weak_isolation: bool,
    fresh: bool,
    journal: Path | None,
    adjustments: Path | None,
    dask: str | None,
) -> None:
    """Grade everything handed in under PATH: notebooks, folders, a platform's archives.

    What was graded before is kept; a run that was interrupted goes on where it was. Points that a
    person gives stand in adjustments.csv, which is read on every run.

    Exits 0 when every submission has a result and everybody whom a platform, a folder or a file
    names has a row, 1 when grading cannot start here, 2 when it was
    called wrongly, 3 when the grader itself failed on a submission, could not write, or lost its
    cluster, and 130 after Ctrl-C, when what is finished is written.
    """
    from autograder.commands.progress import Display
    from autograder.grading.session import grade

    display = Display(out)
    try:
        summary = grade(
            paths,
            out,
            root=root,
            key=secret,
            exercise=exercise,
            workers=workers,
            seed=seed,
            fresh=fresh,
            journal=journal,
            dask=dask,
            accept_weak_isolation=accept_weak_isolation,
            adjustments=adjustments,
            progress=display,
        )
    except MissingPath as error:
        raise click.UsageError(str(error)) from None
    except MissingExtra as error:
        raise click.UsageError(f"--{error}") from None
    except (JournalError, ReportError) as error:
        raise Failed(str(error)) from None
    except BatchInterrupted as error:
        display.console.print(str(error))
        sys.exit(EXIT_INTERRUPTED)
    except ClusterLost as error:
        display.console.print(str(error))
        sys.exit(EXIT_GRADER_FAILED)
    except (WeakIsolation, SiteError) as error:
        raise click.ClickException(str(error)) from None
    if summary.failed:
        sys.exit(EXIT_GRADER_FAILED)
