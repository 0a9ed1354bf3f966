"""`autograder release`: what students get, written from what is authored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from autograder.commands import options
from autograder.text import write_atomically

INDEX = "README.md"


@click.command("release")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@options.authored_root
@options.secret
@click.option(
    "--to",
    "target",
    type=options.PATH,
    help="Where to write, as a --root for students; default: the course's exercises/.",
)
def command(
    names: tuple[str, ...], root: Path | None, secret: Path | None, target: Path | None
) -> None:
    """Write what students get from what is authored under solutions/.

    Exits 0 when every file is written, 1 when an exercise cannot be released, and 2 when it was
    called wrongly.
    """
    from autograder.authoring import lint
    from autograder.authoring.release import write_release
    from autograder.commands.resolve import course_root, named
    from autograder.course.course import Course
    from autograder.course.datasets import read_key
    from autograder.errors import ReleaseError

    course = Course(course_root(root).path, read_key(secret))
    if secret is not None and target is None:
        raise click.UsageError(
            "--secret needs --to DIR: exercises/ holds what the public demonstration key releases"
        )
    exercises = named(course.place, names)
    try:
        lint.refuse(exercises)
    except ReleaseError as error:
        raise click.ClickException(str(error)) from None
    for exercise in exercises:
        if target is not None:
            exercise = replace(exercise, released=target / exercise.name)
        try:
            for path in write_release(exercise, course.released_files(exercise)):
                click.echo(path)
        except ReleaseError as error:
            raise click.ClickException(str(error)) from None
    if target is not None:
        _write_index(course.place.path / "exercises" / INDEX, target)


def _write_index(authored: Path, target: Path) -> None:
    """Write the list of exercises beside those in `target`, unless a list is there.

    It is the course's own list, and lists exercises that the course's does not name.
    """
    if (target / INDEX).exists():
        return
    text = authored.read_text("utf-8") if authored.is_file() else "# The course\n\n"
    names = sorted(path.parent.name for path in target.glob("*/visible.py"))
    unlisted = [name for name in names if f"({name}/)" not in text]
    text = text.rstrip("\n") + "\n" + ("\n" if unlisted else "")
    write_atomically(target / INDEX, text + "".join(f"- [{name}]({name}/)\n" for name in unlisted))
    click.echo(target / INDEX)
