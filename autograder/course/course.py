"""A course as it travels to every process of a batch: where it lies, its key, its seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import datasets
from autograder.course.exercise import Exercise, Root, settings_of
from autograder.notebooks import reader


@dataclass(frozen=True, slots=True)
class Course:
    """What is the same for every submission of a batch."""

    root: Path
    key: bytes = field(repr=False)  # tracebacks show what a check was given
    seed: int = 0
    measuring: bool = False  # a calibration: no threshold limits anything

    @property
    def place(self) -> Root:
        """The course's folder."""
        return Root(self.root)

    def split(self, name: str) -> datasets.Split:
        """Return a data set, split by the course's key."""
        return datasets.load(self.place.datasets, name, self.key)

    def released_files(self, exercise: Exercise) -> dict[str, bytes]:
        """Return the data files a student of this course has beside the notebook."""
        names = settings_of(exercise).data
        return dict(datasets.training_file(self.place.datasets, name, self.key) for name in names)


def demo_sources(exercise: Exercise) -> frozenset[str]:
    """Return the sources of an exercise's own demonstration cells, which grading passes over."""
    return reader.demos(reader.read(exercise.solution.read_bytes(), ".py"))
