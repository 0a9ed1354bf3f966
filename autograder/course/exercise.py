"""An exercise's folder and its exercise.toml: which file lies where, and what the settings are."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import documents
from autograder.course.manual import Manual, ManualTable, declared
from autograder.errors import SettingsError, UnknownExercise
from autograder.limits import Limits

__all__ = ["Declared", "Exercise", "Root", "Settings", "find_root", "settings_of"]

_MODEL = re.compile(r"[A-Za-z0-9][\w-]*\.keras")


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise: authored under solutions/NAME, released under exercises/NAME."""

    name: str
    authored: Path
    released: Path

    @property
    def solution(self) -> Path:
        """The reference solution, a notebook in percent format."""
        return self.authored / "solution.py"

    @property
    def notebook(self) -> Path:
        """The notebook students get."""
        return self.released / f"{self.name}.ipynb"

    @property
    def conftest(self) -> Path:
        """The fixtures of visible and hidden checks."""
        return self.authored / "conftest.py"

    @property
    def visible(self) -> Path:
        """The checks students can run."""
        return self.authored / "visible.py"

    @property
    def hidden(self) -> Path:
        """The checks only a grader has."""
        return self.authored / "hidden.py"

    @property
    def calibration(self) -> Path:
        """Where each threshold comes from: written by `autograder calibrate`."""
        return self.authored / "calibration.json"

    @property
    def wrong(self) -> tuple[Path, ...]:
        """Answers that must lose marks."""
        return tuple(sorted((self.authored / "wrong").glob("*.py")))

    @property
    def right(self) -> tuple[Path, ...]:
        """Unusual answers that must earn everything."""
        return tuple(sorted((self.authored / "right").glob("*.py")))


@dataclass(frozen=True, slots=True)
class Root:
    """A course: the folder that holds solutions/, exercises/ and datasets/."""

    path: Path

    @property
    def datasets(self) -> Path:
        """Where the data sets and their cards lie."""
        return self.path / "datasets"

    def names(self) -> tuple[str, ...]:
        """Return the names of all exercises: the folders under solutions/ that have a solution."""
        return tuple(sorted(p.parent.name for p in self.path.glob("solutions/*/solution.py")))

    def exercise(self, name: str) -> Exercise:
        """Return an exercise; raises UnknownExercise, which names the exercises of the course."""
        if name not in self.names():
            names = ", ".join(self.names()) or "none"
            raise UnknownExercise(
                f"no exercise {name!r} under {self.path}/solutions; there: {names}"
            )
        return Exercise(name, self.path / "solutions" / name, self.path / "exercises" / name)


def find_root(start: Path) -> Root:
    """Return the nearest folder at or above `start` with solutions/ and datasets/ in it.

    Raises UnknownExercise where there is no such folder.
    """
    for folder in (start, *start.parents):
        if (folder / "solutions").is_dir() and (folder / "datasets").is_dir():
            return Root(folder)
    raise UnknownExercise(
        f"neither {start} nor a folder above it holds solutions/ and datasets/: "
        "name the course with --root"
    )


@dataclass(frozen=True, slots=True)
class Declared:
    """A threshold as exercise.toml declares it.

    `better` is "lower" or "higher"; `what` names metric and unit; `weak` are the stems of wrong
    answers that must not reach it. A `value` was chosen by the author: the calibration takes it and
    measures how often it fails honest answers and passes weak ones.
    """

    name: str
    better: str
    what: str
    weak: tuple[str, ...] = ()
    value: float | None = None


@dataclass(frozen=True, slots=True)
class _ThresholdTable:
    """The table [thresholds.NAME] of exercise.toml."""

    better: str = ""
    what: str = ""
    weak: tuple[str, ...] = ()
    value: float | None = None


@dataclass(frozen=True, slots=True)
class _ExerciseTable:
    """The whole of exercise.toml."""

    data: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    thresholds: Mapping[str, _ThresholdTable] = field(default_factory=dict)
    model: str = ""
    ships: tuple[str, ...] = ()
    manual: Mapping[str, ManualTable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """What exercise.toml says: students' data sets, thresholds, and limits unlike the usual.

    `model` is the name under which a trained model may be handed in, '' where none may. `ships` are
    the names of trained models that students get beside the notebook. `manual` are the questions
    that a person grades.
    """

    data: tuple[str, ...]
    limits: Limits
    thresholds: tuple[Declared, ...] = ()
    model: str = ""
    ships: tuple[str, ...] = ()
    manual: tuple[Manual, ...] = ()


def settings_of(exercise: Exercise) -> Settings:
    """Return the settings in an exercise's exercise.toml.

    Without that file an exercise has no data, no thresholds and the usual limits. Raises
    SettingsError, which names the file and the key, for a setting that does not fit.
    """
    path = exercise.authored / "exercise.toml"
    table = documents.read_toml(path) if path.exists() else {}
    written = documents.convert(table, _ExerciseTable, path)
    if written.model and not _MODEL.fullmatch(written.model):
        raise SettingsError(
            f"{path}: model is a plain file name that ends in .keras, not {written.model!r}"
        )
    _check_ships(exercise, path, written)
    return Settings(
        written.data,
        written.limits,
        tuple(_declared(path, *entry) for entry in written.thresholds.items()),
        written.model,
        written.ships,
        declared(written.manual, path),
    )


def _check_ships(exercise: Exercise, path: Path, written: _ExerciseTable) -> None:
    for name in written.ships:
        if not _MODEL.fullmatch(name):
            raise SettingsError(f"{path}: ships names {name!r}, no plain file name in .keras")
        if name == written.model:
            raise SettingsError(
                f"{path}: {name} is both a model that students get and one that they hand in: "
                "give one of them another name"
            )
        if not (exercise.authored / name).is_file():
            raise SettingsError(
                f"{path}: ships names {name}, which is not there: save the trained model as "
                f"{exercise.authored / name}"
            )
    for key, names in (("data", written.data), ("ships", written.ships)):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise SettingsError(f"{path}: {key} names {twice[0]!r} twice")


def _declared(path: Path, name: str, table: _ThresholdTable) -> Declared:
    if table.better not in ("lower", "higher") or not table.what:
        raise SettingsError(
            f'{path}: the threshold {name} needs better = "lower" or "higher", and what'
        )
    if table.value is not None and not math.isfinite(table.value):
        raise SettingsError(f"{path}: thresholds.{name}.value is {table.value}, not a number")
    return Declared(name, table.better, table.what, table.weak, table.value)
