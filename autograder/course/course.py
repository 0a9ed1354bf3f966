"""A course as every process of a batch gets it: its folder, its key and its seed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import datasets
from autograder.course.exercise import Exercise, Root, settings_of
from autograder.notebooks import reader
from autograder.notebooks.overlay import BEGIN

__all__ = ["Course", "asked_functions", "demo_sources"]

_FUNCTION = re.compile(r"^def[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Course:
    """A course's folder, and the settings under which a whole batch is graded.

    `key` decides which rows are held out, `seed` seeds every call of a student's function. While
    `measuring`, as a calibration does, no threshold fails a value. `provisional` are names and
    values of thresholds that count where a threshold has no value of its own yet: nobody's grade
    rests on them.
    """

    root: Path
    key: bytes = field(repr=False)  # a traceback shows the arguments of a check
    seed: int = 0
    measuring: bool = False
    provisional: tuple[tuple[str, float], ...] = ()

    @property
    def place(self) -> Root:
        """The folder of the course, with its exercises and data sets."""
        return Root(self.root)

    def split(self, name: str) -> datasets.Split:
        """Return a data set, split by the course's key; raises what `datasets.load` raises."""
        return datasets.load(self.place.datasets, name, self.key)

    def released_files(self, exercise: Exercise) -> dict[str, bytes]:
        """Return the files that students have beside the notebook: data and shipped models.

        Raises what `datasets.load` raises.
        """
        settings = settings_of(exercise)
        files = datasets.training_files(self.place.datasets, settings.data, self.key)
        return files | {name: (exercise.authored / name).read_bytes() for name in settings.ships}


def demo_sources(exercise: Exercise) -> frozenset[str]:
    """Return the sources of an exercise's own demonstration cells, which grading does not run."""
    return reader.demos(reader.read(exercise.solution.read_bytes(), ".py"))


def asked_functions(exercise: Exercise) -> frozenset[str]:
    """Return the names of the functions that a student writes: those with an answer between marks.

    Raises OSError.
    """
    before, *answers = exercise.solution.read_text("utf-8", "replace").split(BEGIN)
    names = set()
    for text in (before, *answers[:-1]):
        names |= set(_FUNCTION.findall(text)[-1:])
    return frozenset(names)
