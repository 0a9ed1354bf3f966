"""`autograder release`: what students get, written from what is authored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from autograder.authoring import release as releasing
from autograder.commands.resolve import course_root, named
from autograder.course.course import Course
from autograder.course.datasets import read_key
from autograder.errors import ReleaseError


def run(
    names: tuple[str, ...], root: Path | None, secret: Path | None, target: Path | None
) -> None:
    """Write the released folders of these exercises, of all when none is named."""
    course = Course(course_root(root).path, read_key(secret))
    if secret is not None and target is None:
        raise click.UsageError(
            "--secret needs --to DIR: exercises/ holds what the public demonstration key releases"
        )
    for exercise in named(course.place, names):
        if target is not None:
            exercise = replace(exercise, released=target / exercise.name)
        try:
            for path in releasing.write_release(exercise, course.released_files(exercise)):
                click.echo(path)
        except ReleaseError as error:
            raise click.ClickException(str(error)) from None
