"""Waits until an author saves a file of an exercise or of the course's data sets.

The files are looked at a few times in a second. An exercise has some dozens of them, and the events
of the operating system do not come from network folders, from the folders that a container or a
virtual machine shares with its host, or for a file that an editor replaces.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from autograder.course.exercise import Exercise, Root

__all__ = ["State", "state", "wait_for_save"]

_POLL = 0.3  # seconds
_WRITTEN = frozenset(("__pycache__", ".ipynb_checkpoints"))
_RECORDS = ("calibration.runs.jsonl", "calibration.svg")

State = Mapping[Path, tuple[int, int]]
"""When each file was changed, in nanoseconds, and its size in bytes."""


def state(exercise: Exercise, root: Root) -> State:
    """Return the state of the authored files and of the data sets."""
    found = {}
    for folder in (exercise.authored, root.datasets):
        for path in folder.rglob("*"):
            parts = path.relative_to(folder).parts
            if _WRITTEN.intersection(parts) or path.name in _RECORDS:
                continue
            try:
                known = path.stat()
            except FileNotFoundError:  # an editor's file, gone again
                continue
            if not path.is_dir():
                found[path] = (known.st_mtime_ns, known.st_size)
    return found


def wait_for_save(exercise: Exercise, root: Root, before: State) -> State:
    """Return the state as soon as it is another than `before` and an editor has written it all."""
    while True:
        now = state(exercise, root)
        if now != before:
            time.sleep(_POLL)
            if state(exercise, root) == now:
                return now
        time.sleep(_POLL)
