"""Notebooks as people use them run in a confined worker, and their functions answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import StudentError
from autograder.limits import Limits
from autograder.notebooks import reader
from autograder.proxies.confined import ConfinedEvaluator, ConfinedStudent, Source
from autograder.proxies.student import Student
from autograder.result import Outcome
from autograder.sandbox.spawn import Lease
from autograder.worker.cell_notes import cell_notes

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
CARS = TESTS.parent / "exercises" / "car_price" / "cars.csv"
X = np.arange(14 * 7, dtype="float32").reshape(14, 7) % 9
Y = X.sum(axis=1)
Open = Callable[[str], Student]


@pytest.fixture
def opened(lease: Lease) -> Iterator[Open]:
    """A function of a file's name: the submission in tests/reported, in a worker."""
    backends: list[ConfinedStudent | ConfinedEvaluator] = []

    def open_(name: str) -> Student:
        suffix = ".ipynb" if name.endswith(".ipynb") else ".py"
        read = reader.read((TESTS / "reported" / name).read_bytes(), suffix)
        cells = tuple(reader.wire_cells(read))
        source = Source(cells, {"cars.csv": CARS.read_bytes()}, 0, released=("cars.csv",))
        backend = ConfinedStudent(lease, source, Limits())
        evaluator = ConfinedEvaluator(lease, Limits())
        backends.extend([backend, evaluator])
        return Student(backend, evaluator, 0)

    yield open_
    for one in backends:
        one.close()


@pytest.mark.parametrize(
    "name",
    [
        "colab_export.txt",
        "colab_or_not.txt",
        "name_used_again.txt",
        "odd_notebook.ipynb",
        "processes_for_batches.txt",
        "scikit_learn_wrapper.txt",
        "writefile_then_import.ipynb",
    ],
)
def test_an_honest_notebook_builds_and_trains(opened: Open, name: str) -> None:
    student = opened(name)
    model = student.build_model(X)
    before = model.predict(X)
    history = student.train(model, X, Y)
    assert history["loss"][-1] < history["loss"][0]
    assert np.any(model.predict(X) != before)


def test_a_wall_that_tensorflow_meets_is_a_wall(opened: Open) -> None:
    student = opened("tensorboard_elsewhere.txt")
    with pytest.raises(StudentError) as caught:
        student.train(student.build_model(X), X, Y)
    assert caught.value.outcome is Outcome.BLOCKED
    assert "a file outside its own folder" in caught.value.message
    assert caught.value.message.endswith('PermissionDeniedError: "/kaggle; Permission denied"')


def test_a_note_says_which_function_counts(opened: Open) -> None:
    student = opened("name_used_again.txt")
    assert student.has("train")
    assert cell_notes(student.backend.reports) == [
        "Code cell 6, says the process that ran it: "
        '"the name `train` is used again; the function of code cell 4 counts".'
    ]
