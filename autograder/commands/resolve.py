"""Resolves a command's options to a course and its authored or released exercises."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from autograder import PACKAGE
from autograder.course.course import Course
from autograder.course.exercise import Exercise, Root
from autograder.course.opening import checked_root


def course_root(root: Path | None) -> Root:
    """Return the authored course at --root, or at or above the current folder.

    Raises UnknownExercise where there is none, and SettingsError for a dataset.toml with a fault.
    """
    return checked_root((root or Path.cwd()).resolve())


def named(course: Root, names: tuple[str, ...]) -> list[Exercise]:
    """Return the exercises of these names, and all exercises where no name is given.

    Raises UnknownExercise.
    """
    return [course.exercise(name) for name in names or course.names()]


def data_of(course: Course, exercises: Iterable[Exercise]) -> dict[Exercise, dict[str, bytes]]:
    """Return the files of data and models that students get with each exercise.

    A fault in settings or data is so told before anything else. Raises what `datasets.load` raises.
    """
    return {exercise: course.released_files(exercise) for exercise in exercises}


def released_root(root: Path | None) -> Path:
    """Return the folder of released exercises: the course's, else the package's own.

    A course is a folder with exercises/README.md, or a folder that `autograder release --to` wrote.
    Raises click.UsageError where there is none.
    """
    start = (root or Path.cwd()).resolve()
    if root is not None and _released_in(start):
        return start
    for folder in (start, *start.parents):
        if (folder / "exercises" / "README.md").is_file():
            return folder / "exercises"
        if _is_handed_out(folder):
            return folder
    if root is not None:
        raise click.UsageError(
            f"no exercises/README.md in {root} or above it, and no released exercise in it. "
            "--root is a course, or the folder that `autograder release --to` wrote"
        )
    built_in = _built_in()
    if built_in is None:
        raise click.UsageError("no exercises here: name the course with --root")
    return built_in


def root_options(released: Path) -> tuple[str, ...]:
    """Return the options by which a command run anywhere finds this folder of exercises.

    The package's own exercises need none.
    """
    return () if released == _built_in() else ("--root", str(released))


def _built_in() -> Path | None:
    folders = (PACKAGE / "_exercises", PACKAGE.parent / "exercises")
    return next((folder for folder in folders if folder.is_dir()), None)


def _released_in(folder: Path) -> list[str]:
    """Return the names of exercises as `autograder release` wrote them, each with its notebook."""
    names = released_names(folder)
    return [name for name in names if (folder / name / f"{name}.ipynb").is_file()]


def _is_handed_out(folder: Path) -> bool:
    """Tell whether `autograder release --to` wrote this folder: its README.md lists its exercises.

    Without the README.md, a student's own folders of work would look the same.
    """
    index = folder / "README.md"
    if not index.is_file():
        return False
    text = index.read_text("utf-8", "replace")
    return any(f"({name}/)" in text for name in _released_in(folder))


def released_names(folder: Path) -> tuple[str, ...]:
    """Return the names of released exercises, in the order of the course's README."""
    names = sorted(path.parent.name for path in folder.glob("*/visible.py"))
    index = (folder / "README.md").read_text("utf-8") if (folder / "README.md").exists() else ""
    return tuple(sorted(names, key=lambda name: (index.find(name) % (len(index) + 1), name)))
