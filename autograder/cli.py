"""The command `autograder`: every library a command needs is imported when it runs, not before."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click

from autograder import __version__
from autograder.commands.grade import command as grade
from autograder.commands.group import CommandGroup

_PATH = click.Path(path_type=Path)


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="autograder")
def main() -> None:
    """Grade Keras homework that nobody has to trust.

    Students: `start` an exercise, `check` your answers.
    Instructors: `grade` a class, `release` exercises, `verify` and `calibrate` them.
    """
    # A terminal that cannot show a student's name must not end a command.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


main.add_command(grade)


@main.command("list")
@click.option("--root", type=_PATH, help="The course; default: found from here, else built in.")
def list_(root: Path | None) -> None:
    """List the exercises."""
    from autograder.commands import students

    students.list_exercises(root)


@main.command()
@click.argument("exercise")
@click.argument("folder", type=_PATH, metavar="DIR")
@click.option("--root", type=_PATH, help="The course; default: found from here, else built in.")
def start(exercise: str, folder: Path, root: Path | None) -> None:
    """Put an exercise's notebook, data and visible checks into DIR."""
    from autograder.commands import students

    students.start(exercise, folder, root)


@main.command()
@click.argument("file", type=_PATH)
@click.option("--root", type=_PATH, help="The course; default: found from here, else built in.")
def check(file: Path, root: Path | None) -> None:
    """Run the visible checks on FILE; exit 1 when one fails."""
    from autograder.commands import students

    sys.exit(students.check(file, root))


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--root", type=_PATH, help="The course; default: found from here upwards.")
@click.option("--secret", type=_PATH, help="File with the course's key for held-out rows.")
@click.option(
    "--to", "target", type=_PATH, help="Where to write; default: the course's exercises/."
)
def release(
    names: tuple[str, ...], root: Path | None, secret: Path | None, target: Path | None
) -> None:
    """Write what students get from what is authored under solutions/."""
    from autograder.commands import release as command

    command.run(names, root, secret, target)


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--root", type=_PATH, help="The course; default: found from here upwards.")
@click.option("--workers", type=click.IntRange(1, 256), help="Default: one for each processor.")
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
    type=_PATH,
    help="File for finished results; default: .autograder/verify.db in the course.",
)
def verify(
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

    What was graded before is kept until something it depends on changes; a run that was interrupted
    goes on where it was.

    Exits 0 when every answer came out as it must, 1 when one did not or a file is stale, 2 when it
    was called wrongly, 130 when it was interrupted.
    """
    from autograder.commands.resolve import require_linux

    require_linux()
    from autograder.commands import verify as command

    sys.exit(
        command.run(
            command.Request(
                names=names,
                root=root,
                workers=workers,
                brief=brief,
                changed_since=changed_since,
                minutes=minutes,
                fresh=fresh,
                journal=journal,
            )
        )
    )


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--root", type=_PATH, help="The course; default: found from here upwards.")
@click.option(
    "--runs", type=click.IntRange(4), default=60, show_default=True, help="Of honest answers."
)
@click.option("--workers", type=click.IntRange(1, 256), help="Default: one for each processor.")
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
def calibrate(
    names: tuple[str, ...],
    root: Path | None,
    runs: int,
    workers: int | None,
    from_file: bool,
    restamp: bool,
    since: str | None,
) -> None:
    """Choose thresholds from many runs of honest and weak answers; exit 1 if one will not do."""
    from autograder.commands.resolve import require_linux

    require_linux()
    from autograder.commands import calibrate as command

    if from_file and restamp:
        raise click.UsageError("--from-file and --restamp exclude each other")
    if since is not None and not restamp:
        raise click.UsageError("--since goes with --restamp")
    if restamp:
        sys.exit(command.restamp(names, root, since, workers))
    sys.exit(
        command.rechoose(names, root) if from_file else command.run(names, root, runs, workers)
    )


@main.command()
@click.argument("names", nargs=-1, required=True, metavar="EXERCISE...")
@click.option("--course", required=True, type=_PATH, help="nbgrader's folder; made if missing.")
@click.option("--root", type=_PATH, help="Where solutions/ lies; default: found from here upwards.")
@click.option("--secret", type=_PATH, help="File with the course's key for held-out rows.")
def package(names: tuple[str, ...], course: Path, root: Path | None, secret: Path | None) -> None:
    """Write exercises as assignments of an nbgrader course, or bring them up to date."""
    from autograder.commands import package as command

    sys.exit(command.run(names, course, root, secret))


@main.command()
@click.argument("assignment")
@click.option("--course", type=_PATH, default=".", help="nbgrader's folder; default: here.")
@click.option("--student", "students", multiple=True, help="Grade this one only; repeatable.")
@click.option("--workers", type=click.IntRange(1, 256), help="Default: one for each processor.")
@click.option("--force", is_flag=True, help="Grade again what has been graded.")
def autograde(
    assignment: str, course: Path, students: tuple[str, ...], workers: int | None, force: bool
) -> None:
    """Do what `nbgrader autograde` does for a whole ASSIGNMENT, in parallel.

    Exits 1 when a submission could not be graded; the others are.
    """
    from autograder.commands.resolve import require_linux

    require_linux()
    from autograder.commands import autograde as command

    sys.exit(command.run(command.Request(assignment, course, students, workers, force)))


@main.command()
@click.option("--course", type=_PATH, default=".", help="nbgrader's folder; default: here.")
@click.option("-o", "--out", required=True, type=_PATH, help="The CSV file to write.")
@click.option("--checks", is_flag=True, help="A column for each check as well.")
@click.option("--assignment", "assignments", multiple=True, help="This one only; repeatable.")
@click.option("--student", "students", multiple=True, help="This one only; repeatable.")
def export(
    course: Path, out: Path, checks: bool, assignments: tuple[str, ...], students: tuple[str, ...]
) -> None:
    """Write an nbgrader course's grades as a CSV file that spreadsheets read safely."""
    from autograder.commands import export as command

    sys.exit(command.run(course, out, checks, assignments, students))


if __name__ == "__main__":
    main()
