"""Times the same class through stock `nbgrader autograde`, through ours, and in parallel.

    python -m benchmarks.nbgrader --notebooks 48 --rounds 4

Every notebook is different and trains a small Keras network of its own; its tests are its own
cells. The class is dealt out over rounds; in each round the three ways take turns on the same
notebooks. A way's cold start is its time for one further notebook. Grades must be equal.
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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from benchmarks import homework

BIN = Path(sys.executable).parent
STOCK, ONE_LINE, PARALLEL = "nbgrader", "nbgrader, one line", "autograder autograde"
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'bench'\nc.Execute.timeout = 600\n"
LINE = "from autograder.nbgrader.config import configure; configure(c)\n"
_MARKS = "### BEGIN SOLUTION\n{}\n### END SOLUTION"


def marked(**roles: Any) -> dict[str, Any]:
    """Return a cell's metadata as nbgrader's own editor writes it."""
    plain = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": plain | roles}


def assignment(answer: str) -> Any:
    """Return the assignment with this answer in it."""
    cells = [
        new_code_cell(homework.IMPORTS),
        new_code_cell(answer, metadata=marked(grade_id="answer", solution=True)),
        new_code_cell(homework.TRAIN),
    ]
    for name, source in homework.TESTS.items():
        most = homework.POINTS[name]
        roles = marked(grade_id=name, grade=True, locked=True, points=most)
        cells.append(new_code_cell(source, metadata=roles))
    return homework.notebook(*cells)


class Way:
    """A course of its own, graded by one command."""

    def __init__(self, root: Path, name: str, config: str, command: list[str]) -> None:
        self.root, self.name, self.command = root, name, command
        source = root / "source" / "hw"
        source.mkdir(parents=True)
        (root / "nbgrader_config.py").write_text(config)
        for file, content in homework.files(homework.course(root / "authored")).items():
            (source / file).write_bytes(content)
        nbformat.write(assignment(_MARKS.format("pass")), source / "net.ipynb")
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
        self.hand_in(numbers, epochs)
        return self.run(self.command)

    def hand_in(self, numbers: Sequence[int], epochs: int) -> None:
        """Hand in these notebooks and nothing else."""
        shutil.rmtree(self.root / "submitted", ignore_errors=True)
        release = nbformat.read(self.root / "release" / "hw" / "net.ipynb", 4)
        for number in numbers:
            folder = self.root / "submitted" / f"student{number:03}" / "hw"
            folder.mkdir(parents=True)
            release.cells[1].source = homework.answer(number, epochs)
            nbformat.write(release, folder / "net.ipynb")

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
    """Print the table.

    Steady state is a round without its cold start: alone, a notebook keeps both workers of the
    parallel command busy.
    """
    lanes = {PARALLEL: 2}
    steady = {
        name: [
            (w - c) / (each - lanes.get(name, 1))
            for w, c in zip(whole[name], cold[name], strict=True)
        ]
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
