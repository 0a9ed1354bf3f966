"""Times the same class through stock `nbgrader autograde`, through ours, and in parallel.

    python -P benchmarks/nbgrader.py --notebooks 48 --rounds 4

(-P, since this file has the name of a package.) Every notebook is different and trains a small
Keras network of its own; its tests are its own cells. The class is dealt out over rounds; in each
round the three ways take turns on the same notebooks. A way's cold start is its time for one
further notebook. Grades must be equal.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from sklearn.datasets import load_digits

BIN = Path(sys.executable).parent
STOCK, ONE_LINE, PARALLEL = "nbgrader", "nbgrader, one line", "autograder autograde"
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'bench'\nc.Execute.timeout = 600\n"
LINE = "from autograder.nbgrader.config import configure; configure(c)\n"
IMPORTS = """\
import keras
import numpy as np

digits = np.load("digits.npz")
x, y = digits["x"], digits["y"]"""
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
    model.fit(x[:1200], y[:1200], epochs={epochs}, batch_size=32, verbose=0)"""
TRAIN = "model = build_model()\ntrain(model)"
TESTS = {
    "test_shape": ("assert model.output_shape == (None, 10)", 1),
    "test_accuracy": (
        "right = float(np.mean(model.predict(x[1200:], verbose=0).argmax(1) == y[1200:]))\n"
        "assert right > 0.7",
        3,
    ),
    "test_partial": ("1.5 if model.count_params() > 1000 else 0.5", 2),
}


def marked(**roles: Any) -> dict[str, Any]:
    """Return a cell's metadata as nbgrader's own editor writes it."""
    plain = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": plain | roles}


def notebook(answer: str) -> Any:
    """Return the assignment with this answer in it."""
    cells = [
        new_code_cell(IMPORTS),
        new_code_cell(answer, metadata=marked(grade_id="answer", solution=True)),
        new_code_cell(TRAIN),
    ]
    for name, (source, most) in TESTS.items():
        roles = marked(grade_id=name, grade=True, locked=True, points=most)
        cells.append(new_code_cell(source, metadata=roles))
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": spec})


class Way:
    """A course of its own, graded by one command."""

    def __init__(self, root: Path, name: str, config: str, command: list[str]) -> None:
        self.root, self.name, self.command = root, name, command
        source = root / "source" / "hw"
        source.mkdir(parents=True)
        (root / "nbgrader_config.py").write_text(config)
        digits = load_digits()
        images = (digits.images[..., None] / 16).astype("float32")
        import numpy as np

        np.savez(source / "digits.npz", x=images, y=digits.target)
        marks = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
        nbformat.write(notebook(marks.format("pass")), source / "net.ipynb")
        self.run(["nbgrader", "generate_assignment", "hw", "--create"])

    def run(self, command: list[str]) -> float:
        """Run a command in the course and return its wall time in seconds."""
        path = os.pathsep.join([str(BIN), os.environ["PATH"]])
        started = time.perf_counter()
        subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=self.root,
            env={**os.environ, "PATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"},
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - started

    def grade(self, numbers: range, epochs: int) -> float:
        """Hand in these notebooks and nothing else, grade them, return the wall time."""
        shutil.rmtree(self.root / "submitted", ignore_errors=True)
        release = nbformat.read(self.root / "release" / "hw" / "net.ipynb", 4)
        for number in numbers:
            folder = self.root / "submitted" / f"student{number:03}" / "hw"
            folder.mkdir(parents=True)
            sizes = {"filters": 4 + number % 5, "units": 16 + number, "number": number}
            release.cells[1].source = ANSWER.format(**sizes, epochs=epochs)
            nbformat.write(release, folder / "net.ipynb")
        return self.run(self.command)

    def grades(self) -> dict[tuple[str, str], float | None]:
        """Return all automatic points by student and cell."""
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as gradebook:
            return {
                (submission.student.id, grade.name): grade.auto_score
                for submission in gradebook.assignment_submissions("hw")
                for book in submission.notebooks
                for grade in book.grades
            }


@contextlib.contextmanager
def ways() -> Iterator[list[Way]]:
    """Make the three courses for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        one = ["nbgrader", "autograde", "hw"]
        yield [
            Way(root / "stock", STOCK, CONFIG, one),
            Way(root / "line", ONE_LINE, CONFIG + LINE, one),
            Way(root / "parallel", PARALLEL, CONFIG + LINE, ["autograder", "autograde", "hw"]),
        ]


def spread(values: list[float]) -> str:
    """Return median, minimum and maximum in a few characters."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    """Print seconds a notebook and ratios to stock, with their spread over rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notebooks", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=10, help="about a second of training")
    options = parser.parse_args()
    each = options.notebooks // options.rounds
    cold: dict[str, list[float]] = {STOCK: [], ONE_LINE: [], PARALLEL: []}
    whole: dict[str, list[float]] = {name: [] for name in cold}
    with ways() as courses:
        for number in range(options.rounds):
            first = number * (each + 1)
            for way in courses[number % 3 :] + courses[: number % 3]:
                cold[way.name].append(way.grade(range(first, first + 1), options.epochs))
                several = range(first + 1, first + 1 + each)
                whole[way.name].append(way.grade(several, options.epochs))
                print(number, way.name, f"{cold[way.name][-1]:.1f}", f"{whole[way.name][-1]:.1f}")
        expected = courses[0].grades()
        for way in courses[1:]:
            assert way.grades() == expected, f"{way.name} comes to other grades"
    report(cold, whole, each)


def report(cold: dict[str, list[float]], whole: dict[str, list[float]], each: int) -> None:
    """Print the table: steady state is a round without the cold start and its one notebook."""
    steady = {
        name: [(w - c) / (each - 1) for w, c in zip(whole[name], cold[name], strict=True)]
        for name in whole
    }
    print(f"\n{each} notebooks in each of {len(cold[STOCK])} rounds; all grades equal")
    print("| way | cold start and one notebook, s | steady, s a notebook | ratio, steady | whole |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in whole:
        ratio = [a / b for a, b in zip(steady[STOCK], steady[name], strict=True)]
        round_ = [a / b for a, b in zip(whole[STOCK], whole[name], strict=True)]
        cells = (cold[name], steady[name], ratio, round_)
        print(f"| {name} | {' | '.join(map(spread, cells))} |")


if __name__ == "__main__":
    main()
