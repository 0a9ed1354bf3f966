"""Writes an nbgrader course's assignments from the authored exercises."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.resolve import named
from autograder.course.course import Course
from autograder.course.datasets import read_key
from autograder.course.exercise import Root, find_root
from autograder.errors import BrokenChecks, ReleaseError, UnknownExercise, UnreadableConfigBlock
from autograder.nbgrader import assignment as packaging
from autograder.nbgrader import config_block
from autograder.nbgrader.config_block import Wiring
from autograder.runner.collection import checks_of


def run(names: tuple[str, ...], course: Path, root: Path | None, secret: Path | None) -> int:
    """Write the assignments of these exercises, of all when none is named; return the exit code.

    `course` is nbgrader's folder, which is made where it is missing. Without `root` and `secret`
    those hold with which the course was packaged before. Raises click.UsageError and
    click.ClickException.
    """
    configuration = course / config_block.FILE
    text = configuration.read_bytes().decode() if configuration.exists() else None
    try:
        before = config_block.read(text or "")
        place = _root(root, before)
        key_file = _key_file(secret, before)
        exercises = named(place, names)
        after = Wiring(
            str(place.path),
            "" if key_file is None else str(key_file),
            {**before.exercises, **{exercise.name: exercise.name for exercise in exercises}},
        )
        _check_others(before, after, {exercise.name for exercise in exercises}, course)
        authored = Course(place.path, read_key(key_file))
        files = {config_block.FILE: config_block.write(text, after, course.resolve().name).encode()}
        for exercise in exercises:
            data = authored.released_files(exercise)
            files |= packaging.files(exercise, checks_of(exercise), data)
    except (BrokenChecks, ReleaseError) as error:
        raise click.ClickException(str(error)) from None
    except UnreadableConfigBlock as error:
        raise click.ClickException(f"{configuration}: {error}") from None
    _write(course, files)
    return 0


def _root(root: Path | None, before: Wiring) -> Root:
    """Return the authored course: `root`, the root of before, or a folder at or above this one."""
    start = root or (Path(before.root) if before.root else Path.cwd())
    try:
        return find_root(start.expanduser().resolve())
    except UnknownExercise as error:
        raise click.UsageError(
            f"{error}, a clone of keras-autograder or a folder of your own with solutions/ and "
            "datasets/: what is installed has no solutions in it"
        ) from None


def _key_file(secret: Path | None, before: Wiring) -> Path | None:
    if secret is not None:
        return secret.expanduser().resolve()
    return Path(before.secret) if before.secret else None


def _check_others(before: Wiring, after: Wiring, names: set[str], course: Path) -> None:
    """Refuse another root or key where an assignment stays that was made with those of before.

    Raises click.UsageError.
    """
    others = sorted(set(before.exercises.values()) - names)
    if others and (before.root, before.secret) != (after.root, after.secret):
        raise click.UsageError(
            f"{course} has one root and one key for all its assignments, so far {before.root} and "
            f"{before.secret or 'the public demonstration key'}; with others, package "
            f"{', '.join(others)} as well"
        )


def _write(course: Path, files: dict[str, bytes]) -> None:
    changed = {
        name: content
        for name, content in files.items()
        if not (course / name).is_file() or (course / name).read_bytes() != content
    }
    for name, content in changed.items():
        path = course / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        click.echo(path)
    if not changed:
        click.echo(f"{course} is up to date")
