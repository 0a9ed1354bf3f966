"""The proxies' other side in this very process: how a student checks before handing in.

Nothing is confined here, it is the student's own machine; but values cross as they do when
grading, and a model is read by the grader's own reader, so a refusal shows before the deadline.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from autograder import wire
from autograder.checks import thresholds
from autograder.course import datasets
from autograder.errors import NoHeldOutRows, UnknownExercise
from autograder.notebooks import reader
from autograder.proxies.responses import Called, Described, Failure, called, described, loaded
from autograder.proxies.student import Student
from autograder.result import Check
from autograder.runner.plugin import Fixtures, Shared, run_checks
from autograder.wire import Value
from autograder.worker.cells import CellReport
from autograder.worker.evaluator import Evaluator
from autograder.worker.student import StudentWorker

_NO_LIMIT = 1e9


def _cross(value: Value) -> Value:
    """Return what arrives on the other side of a wire."""
    stream = io.BytesIO(b"".join(wire.encode(value)))
    return wire.decode(stream.read)


@dataclass(slots=True)
class LocalStudent:
    """Calls the student's functions right here; models are opened in `folder`."""

    worker: StudentWorker
    folder: Path = Path()
    reports: tuple[CellReport, ...] = ()
    generation: int = 0
    _functions: frozenset[str] = field(default=frozenset())

    def load(self, cells: list[dict[str, Any]], seed: int) -> None:
        """Run all cells in order."""
        limits = {"cell_seconds": _NO_LIMIT, "total_seconds": _NO_LIMIT}
        answer = loaded(
            self._ask({"op": "load", "cells": cells, "seed": seed, **limits}), len(cells)
        )
        self.reports, self._functions = answer.reports, answer.functions

    def functions(self) -> frozenset[str]:
        """Return the names the notebook defines."""
        return self._functions

    def call(self, function: str, arguments: list[dict[str, Value]], seed: int) -> Called | Failure:
        """Call one function."""
        question = {"op": "call", "name": function, "args": arguments, "seed": seed}
        return called(self._ask(question), len(arguments))

    def open(self, file: str) -> Called | Failure | None:
        """Open a model beside the notebook; None where there is none."""
        path = self.folder / file
        if not path.is_file():
            return None
        return called(self._ask({"op": "open", "path": str(path)}), 0)

    def describe(
        self, function: str, handle: int, input_shape: tuple[int | None, ...] | None
    ) -> Described | Failure:
        """Describe a live model."""
        del function  # only a confined worker keeps count of who asked
        shape = None if input_shape is None else list(input_shape)
        return described(self._ask({"op": "describe", "model": handle, "input_shape": shape}))

    def _ask(self, question: dict[str, Value]) -> dict[str, Value]:
        answer: dict[str, Value] = _cross(self.worker.handle(_cross(question)))
        return answer


@dataclass(slots=True)
class LocalEvaluator:
    """Rebuilds models right here."""

    evaluator: Evaluator = field(default_factory=Evaluator)
    generation: int = 0

    def ask(self, question: dict[str, Value]) -> dict[str, Value]:
        """Ask the evaluator."""
        answer: dict[str, Value] = _cross(self.evaluator.handle(_cross(question)))
        return answer


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """A data set as a student has it."""

    x_train: datasets.Array
    y_train: datasets.Array

    def __getattr__(self, name: str) -> Any:
        if name in ("x_test", "y_test"):
            raise NoHeldOutRows(
                "held-out rows exist only in grading: this check belongs in hidden.py"
            )
        raise AttributeError(name)


def training_rows(folder: Path, name: str) -> TrainingRows:
    """Return the training rows of a data set from the file released in `folder`."""
    for path in sorted(folder.glob(f"{name}.*")):
        if path.suffix in (".csv", ".npz"):
            return TrainingRows(*datasets.load_training(path))
    raise UnknownExercise(f"there is no file {name}.csv or {name}.npz in {folder}")


def shared(released: Path) -> Shared:
    """Return what the visible checks that lie in `released` are provided with there."""
    limits = released / thresholds.RELEASED
    known = thresholds.from_json(limits.read_bytes() if limits.exists() else "{}")
    return Shared(partial(training_rows, released), known)


def check(
    file: Path, released: Path, untouched: Path, seed: int = 0
) -> tuple[list[Check], tuple[CellReport, ...]]:
    """Run the visible checks that lie in `released` on a student's file.

    `untouched` is the notebook as released: its demonstration cells need not run.
    Raises notebook.Unreadable for a file that holds no code.
    """
    from autograder.worker.seeds import Entropy
    from autograder.worker.shell import Shell

    read = reader.read(file.read_bytes(), file.suffix)
    demos = reader.demos(reader.read(untouched.read_bytes(), ".ipynb"))
    student = LocalStudent(StudentWorker(Shell(), Entropy()), file.parent)
    student.load(reader.wire_cells(read, demos), seed)
    given = Fixtures(Student(student, LocalEvaluator(), seed))
    return run_checks([released / "visible.py"], shared(released), given), student.reports
