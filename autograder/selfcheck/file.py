"""Runs the visible checks on a student's file, unconfined on the student's own machine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from autograder.checks import thresholds
from autograder.course import datasets
from autograder.errors import NoHeldOutRows
from autograder.notebooks import reader
from autograder.proxies.in_process import LocalEvaluator, LocalStudent
from autograder.proxies.student import Student
from autograder.result import Check
from autograder.runner.plugin import Fixtures, Shared, run_checks
from autograder.submissions.found_file import ending
from autograder.worker.cell_notes import cell_notes
from autograder.worker.student import StudentWorker

__all__ = ["TrainingRows", "check", "shared", "training_rows"]


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """A data set as a student has it: `train`, x_train and y_train, and no held-out rows."""

    train: datasets.Rows

    @property
    def x_train(self) -> datasets.Array:
        """The training rows' inputs (n, ...)."""
        return self.train["x"]

    @property
    def y_train(self) -> datasets.Array:
        """The training rows' targets (n, ...)."""
        return self.train["y"]

    def __getattr__(self, name: str) -> Any:
        if name in ("test", "x_test", "y_test"):
            raise NoHeldOutRows(
                "held-out rows exist only in grading: this check belongs in hidden.py"
            )
        raise AttributeError(name)


def training_rows(folder: Path, name: str) -> TrainingRows:
    """Return the training rows of a data set from the files released in `folder`.

    Raises DataError where they are not there.
    """
    return TrainingRows(datasets.read_back(folder, name))


def shared(released: Path) -> Shared:
    """Return the data and thresholds that the visible checks in the folder `released` get."""
    limits = released / thresholds.RELEASED
    released_thresholds = thresholds.from_json(limits.read_bytes() if limits.exists() else "{}")
    return Shared(partial(training_rows, released), released_thresholds)


def _data_files(released: Path) -> list[str]:
    """Return the names of the files that come with an exercise, without its checks and notebook."""
    names = sorted(path.name for path in released.iterdir() if path.is_file())
    return [name for name in names if not name.endswith((".py", ".ipynb", ".json"))]


def check(
    file: Path, released: Path, untouched: Path, seed: int = 0
) -> tuple[list[Check], list[str]]:
    """Run the visible checks that lie in `released` on a student's file.

    Returns the checks, and the notes on the file's cells that `grade` would write as well.
    `untouched` is the notebook as released: its demonstration cells need not run.
    Raises UnreadableNotebook for a file that holds no code.
    """
    from autograder.worker.seeds import Entropy
    from autograder.worker.shell import Shell

    read = reader.read(file.read_bytes(), ending(file.name))
    demos = reader.demos(reader.read(untouched.read_bytes(), ".ipynb"))
    student = LocalStudent(StudentWorker(Shell(), Entropy()), file.parent)
    student.load(reader.wire_cells(read, demos), seed, _data_files(released))
    submission = Fixtures(Student(student, LocalEvaluator(), seed))
    checks = run_checks([released / "visible.py"], shared(released), submission)
    return checks, cell_notes(student.reports)
