"""Makes a key from all that a result depends on: equal keys mean equal results."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path

from autograder import __version__
from autograder.course import datasets as data
from autograder.course.course import Course
from autograder.sandbox.code_digest import code_digest

NOT_GRADING = frozenset(("right", "wrong", "__pycache__"))
"""Folders of an exercise that prove its checks but decide no points."""


@dataclass(slots=True)
class Keys:
    """Makes the keys of one batch; each exercise's files are read once.

    `accepts_weak` tells whether the batch is graded where student code could get out.
    """

    course: Course
    accepts_weak: bool = False
    _exercises: dict[str, str] = field(default_factory=dict)
    _environment: str = ""

    def key(self, exercise: str, suffix: str, digest: str) -> str:
        """Return the key of a file that was handed in as an answer to this exercise.

        `digest` is that of all its bytes; `suffix` tells a notebook from a script.
        """
        return _digest([self.environment(), self._of_exercise(exercise), suffix, digest])

    def environment(self) -> str:
        """Return the digest of all that a result depends on beside submission and exercise.

        That is the package's code, every installed distribution, Python's version, the processor
        family, the course's key, seed and provisional thresholds, and whether weak isolation was
        accepted.
        """
        if not self._environment:
            installed = sorted(f"{d.name}=={d.version}" for d in distributions())
            course = (
                *(data.key_fingerprint(self.course.key), self.course.seed, self.accepts_weak),
                *(self.course.measuring, self.course.provisional),
            )
            self._environment = _digest(
                [
                    *(__version__, platform.python_version(), platform.machine()),
                    *(*installed, json.dumps(course)),
                    code_digest(),
                ]
            )
        return self._environment

    def _of_exercise(self, name: str) -> str:
        if name not in self._exercises:
            exercise, datasets = self.course.place.exercise(name), self.course.place.datasets
            authored = (
                path
                for path in exercise.authored.rglob("*")
                if path.suffix != ".md"
                and not NOT_GRADING & set(path.relative_to(exercise.authored).parts)
            )
            # Checks may read any data set, and only running them shows which.
            parts = [*_files(exercise.authored, authored), *_files(datasets, datasets.rglob("*"))]
            self._exercises[name] = _digest([name, *parts])
        return self._exercises[name]


def _files(folder: Path, paths: Iterable[Path]) -> Iterable[str]:
    for path in sorted(path for path in paths if path.is_file()):
        yield path.relative_to(folder).as_posix()
        yield hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()
