"""Resolves a command's options to a course and its authored or released exercises."""

from __future__ import annotations

from pathlib import Path

import click

from autograder import PACKAGE
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


def released_root(root: Path | None) -> Path:
    """Return the folder of released exercises: the course's, else the package's own.

    Raises click.UsageError where there is none.
    """
    start = (root or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "exercises" / "README.md").is_file():
            return folder / "exercises"
    if root is not None:
        raise click.UsageError(f"no exercises/README.md in {root} or above it")
    for folder in (PACKAGE / "_exercises", PACKAGE.parent / "exercises"):
        if folder.is_dir():
            return folder
    raise click.UsageError("no exercises here: name the course with --root")


def released_names(folder: Path) -> tuple[str, ...]:
    """Return the names of released exercises, in the order of the course's README."""
    names = sorted(path.parent.name for path in folder.glob("*/visible.py"))
    index = (folder / "README.md").read_text("utf-8") if (folder / "README.md").exists() else ""
    return tuple(sorted(names, key=lambda name: (index.find(name) % (len(index) + 1), name)))
