"""Which exercises and which of their known answers `verify` grades."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import PACKAGE, __version__
from autograder.authoring import data_sets
from autograder.authoring.verify import Case, Kind, cases
from autograder.course import repository
from autograder.course.exercise import Exercise, Root
from autograder.sandbox.code_digest import CODE_SUFFIXES

BRIEF_COUNT = 2
"""How many right and how many wrong answers of an exercise with training are graded in brief."""

GRADES_NOTHING = frozenset(("calibration", "cli", "commands", "nbgrader", "selfcheck"))
"""Rooms of the package that nothing imports which grades: their code decides no result."""

_LIBRARIES = frozenset(("keras", "tensorflow"))
_ALWAYS = frozenset((Kind.REFERENCE, Kind.STUB))


@dataclass(frozen=True, slots=True)
class Selection:
    """The answers of one exercise that are graded, and the answers that are left out."""

    exercise: Exercise
    cases: tuple[Case, ...]
    left_out: tuple[Case, ...] = ()


def whole(exercise: Exercise) -> Selection:
    """Select every known answer of an exercise."""
    return Selection(exercise, tuple(cases(exercise)))


def brief(exercise: Exercise, turn: str) -> Selection:
    """Select every answer of an exercise without training, and a few answers of any other.

    The reference and the stub are always selected, and BRIEF_COUNT right and BRIEF_COUNT wrong
    answers: those whose hash together with `turn` is lowest. The same `turn` selects the same
    answers everywhere, and over many turns each answer comes as often as the others of its kind.
    """
    known = tuple(cases(exercise))
    if not trains(exercise):
        return Selection(exercise, known)
    chosen = {case for case in known if case.kind in _ALWAYS}
    for kind in (Kind.RIGHT, Kind.WRONG):
        ranked = by_turn((case for case in known if case.kind is kind), turn)
        chosen.update(ranked[:BRIEF_COUNT])
    return Selection(
        exercise,
        tuple(case for case in known if case in chosen),
        tuple(case for case in known if case not in chosen),
    )


def turn_of(root: Root) -> str:
    """Return what decides whose turn it is: the course's commit, else the package's version."""
    return repository.head(root.path) or __version__


def trains(exercise: Exercise) -> bool:
    """Tell whether an answer to this exercise trains a model.

    It does where the reference solution imports Keras or TensorFlow, and defines a function at the
    top of the notebook that is called `train`, or whose name begins with `train_`.
    """
    tree = ast.parse(exercise.solution.read_text("utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    has_train = any(name == "train" or name.startswith("train_") for name in names)
    return has_train and not _LIBRARIES.isdisjoint(_imported(tree))


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yield the first name of every module that a notebook imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def affected(
    exercises: Iterable[Exercise], root: Root, changed: frozenset[Path]
) -> tuple[Exercise, ...]:
    """Return the exercises whose proof can come out differently after these files changed.

    A change of the package's code or of its dependencies affects every exercise, but a change of
    the rooms that grade nothing affects none. A change of an exercise's own folders or of the
    folder of a data set that it reads affects that exercise.
    """
    if any(_is_common(path) for path in changed):
        return tuple(exercises)
    return tuple(
        exercise
        for exercise in exercises
        if any(_belongs(path, exercise, root) for path in changed)
    )


def by_turn(known: Iterable[Case], turn: str) -> list[Case]:
    """Return answers in the order in which they are graded where the time may not do for all.

    References and stubs come first. The others follow by the hash of their names together with
    `turn`, so that over many turns each comes early as often as the others.
    """

    def rank(case: Case) -> tuple[bool, bytes]:
        name = f"{turn} {case.exercise} {case.name}"
        return case.kind not in _ALWAYS, hashlib.sha256(name.encode()).digest()

    return sorted(known, key=rank)


def _is_common(path: Path) -> bool:
    """Tell whether every exercise depends on a file; the package may lie outside the repository."""
    if path.suffix in CODE_SUFFIXES and path.is_relative_to(PACKAGE):
        room = path.relative_to(PACKAGE).with_suffix("").parts[0]
        return room not in GRADES_NOTHING
    return path == PACKAGE.parent / "pyproject.toml"


def _belongs(path: Path, exercise: Exercise, root: Root) -> bool:
    folders = [root.datasets / name for name in data_sets.of_exercise(exercise, root)]
    return any(
        path.is_relative_to(folder) for folder in (exercise.authored, exercise.released, *folders)
    )
