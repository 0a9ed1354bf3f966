"""Times the same class through stock `nbgrader autograde`, through ours, and in parallel.

    python -m benchmarks.nbgrader --notebooks 48 --rounds 4

Every notebook is different and trains a small Keras network of its own; its tests are its own
cells. The class is dealt out over rounds; in each round the three ways take turns on the same
notebooks. A way's cold start is its time for a notebook graded alone. Grades must be equal.
"""

from __future__ import annotations

import contextlib
import os
import shutil
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

from benchmarks import homework, turns

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
    """A course of its own, graded by a command."""

    def __init__(self, root: Path, config: str, command: list[str]) -> None:
        self.root, self.command = root, command
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

    def grade(self, numbers: Sequence[int], epochs: int) -> float:
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
def ways() -> Iterator[dict[str, Way]]:
    """Make the three courses for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        stock = ["nbgrader", "autograde", "hw"]
        yield {
            STOCK: Way(root / "stock", CONFIG, stock),
            ONE_LINE: Way(root / "line", CONFIG + LINE, stock),
            PARALLEL: Way(root / "parallel", CONFIG + LINE, ["autograder", "autograde", "hw"]),
        }


def main() -> None:
    """Print seconds a notebook and ratios to stock, with their spread over rounds."""
    options = turns.parser(__doc__, notebooks=48, rounds=4, epochs=10).parse_args()
    lanes = {STOCK: 1, ONE_LINE: 1, PARALLEL: 2}
    taken = turns.Turns(lanes, options.notebooks // options.rounds)
    with ways() as courses:
        for number in range(options.rounds):
            for name in taken.order(number):
                taken.take(name, number, lambda n, way=courses[name]: way.grade(n, options.epochs))
        expected = courses[STOCK].grades()
        for name, way in courses.items():
            assert way.grades() == expected, f"{name} comes to other grades"
    turns.report(taken, {name: (STOCK, name) for name in lanes}, "times as fast as stock")


if __name__ == "__main__":
    main()
