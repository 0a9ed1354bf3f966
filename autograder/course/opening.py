"""Opens a course: finds its folder and reads the dataset.toml of each of its data sets."""

from __future__ import annotations

from pathlib import Path

from autograder.course.documents import dataset_toml
from autograder.course.exercise import Root, find_root

__all__ = ["checked_root"]


def checked_root(start: Path) -> Root:
    """Return the nearest course at or above `start`, after every dataset.toml in it was read.

    Raises UnknownExercise where there is no course, and SettingsError for a dataset.toml with a
    fault: before anything is graded with it.
    """
    root = find_root(start)
    for name in dataset_toml.names(root.datasets):
        dataset_toml.entry(root.datasets, name)
    return root
