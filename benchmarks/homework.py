"""The homework that the benchmarks hand in: a small network for 8 x 8 digits.

Each student's network is different. All tools get the same cells, training rows and held-out rows.
"""

from __future__ import annotations

import io
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook
from sklearn.datasets import load_digits

from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY

NAME = "net"
TRAINING, HELD_OUT = "digits.npz", "held_out.npz"
IMPORTS = f"""\
import keras
import numpy as np

data = np.load("{TRAINING}")
x, y = (data["images"] / 16).astype("float32"), data["labels"]"""
ANSWER = """\
def build_model():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D({filters}, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense({units}, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def train(model):
    keras.utils.set_random_seed({number})
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, epochs={epochs}, batch_size=32, verbose=0)
    return model"""
TRAIN = "model = train(build_model())"
POINTS = {"test_shape": 1, "test_accuracy": 3, "test_size": 2}
TESTS = {
    "test_shape": "assert model.output_shape == (None, 10)",
    "test_accuracy": f"""\
held = np.load("{HELD_OUT}")
right = model.predict(held["images"] / 16, verbose=0).argmax(1) == held["labels"]
assert right.mean() > 0.7""",
    "test_size": "assert model.count_params() > 1000",
}
_DATASET = f"""\
file = "all.npz"
held_out = 0.33
released = "{TRAINING}"

[arrays]
x = {{ member = "images", channel = true, released = "images" }}
y = {{ member = "labels", released = "labels" }}
"""
_CHECKS = '''\
"""The same tests as pytest checks."""

import numpy as np
import pytest

from autograder.checks import points
from autograder.expect import keras_model


@pytest.fixture(scope="module")
def model(student):
    """The trained model."""
    return keras_model(student.train(student.build_model()), input_shape=(8, 8, 1))


@points(1)
def test_shape(model):
    """There is an output for each digit"""
    assert model.output_shape == (None, 10), "another shape"


@points(3)
def test_accuracy(model, data):
    """More than seven in ten are right"""
    digits = data("digits")
    right = model.predict(digits.x_test / 16).argmax(1) == digits.y_test
    assert right.mean() > 0.7, "too few are right"


@points(2)
def test_size(model):
    """It has more than a thousand parameters"""
    assert model.count_params() > 1000, "too small"
'''


def answer(number: int, epochs: int) -> str:
    """Return a student's own answer; ten epochs train for about a second."""
    sizes = {"filters": 4 + number % 5, "units": 16 + number % 64, "number": number}
    return ANSWER.format(**sizes, epochs=epochs)


def notebook(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook of Python's."""
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=list(cells), metadata={"kernelspec": spec})


def plain(number: int, epochs: int) -> nbformat.NotebookNode:
    """Return a student's notebook without any test in it."""
    return notebook(*map(new_code_cell, (IMPORTS, answer(number, epochs), TRAIN)))


def course(root: Path, epochs: int = 10) -> Course:
    """Write a course of our own with this homework in it; its solution trains for `epochs`.

    Answers that train many times longer than the solution are ended at the time limit.
    """
    authored, folder = root / "solutions" / NAME, root / "datasets" / "digits"
    authored.mkdir(parents=True)
    folder.mkdir(parents=True)
    digits = load_digits()
    images = digits.images.astype(np.uint8)
    np.savez(folder / "all.npz", images=images, labels=digits.target)
    (folder / "dataset.toml").write_text(_DATASET)
    (authored / "exercise.toml").write_text('data = ["digits"]\n')
    (authored / "hidden.py").write_text(_CHECKS)
    (authored / "visible.py").write_text('"""None are visible."""\n')
    body = f"### BEGIN SOLUTION\n{answer(0, epochs)}\n### END SOLUTION"
    cells = {"imports": IMPORTS, "answer": body, "try": TRAIN}
    marked = {name: f'# %% id="{name}"' for name in cells} | {"try": '# %% id="try" tags=["demo"]'}
    text = "\n\n\n".join(f"{marked[name]}\n{source}" for name, source in cells.items())
    (authored / "solution.py").write_text(f"{text}\n")
    return Course(root, DEMO_KEY)


def files(course: Course) -> dict[str, bytes]:
    """Return what lies beside a notebook whose tests are its own cells."""
    split = course.split("digits")
    held = io.BytesIO()
    np.savez(held, images=split.x_test, labels=split.y_test)
    released = course.released_files(course.place.exercise(NAME))
    return {**released, HELD_OUT: held.getvalue()}
