"""A small course of nbgrader's, released by nbgrader itself, in its own process."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.apps import GenerateAssignmentApp
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.commands import package_run

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "deep"\n'
ANSWER = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
TEST = """\
assert double(1) == 2, "doubles one"
### BEGIN HIDDEN TESTS
def checked(function, argument, secret_expectation):
    assert function(argument) == secret_expectation, f"wanted {secret_expectation}"
checked(double, 21, 42)
### END HIDDEN TESTS"""
TASK = """\
Draw a net.
### BEGIN MARK SCHEME
One point for each layer.
### END MARK SCHEME"""


@pytest.fixture(autouse=True)
def absl_closes_no_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep absl, which TensorFlow brings, from closing the file in which pytest captures stderr.

    nbgrader's applications set up logging anew, which closes all handlers. absl's handler then
    closes its stream, unless the stream is the sys.stderr of that moment.
    """
    absl = sys.modules.get("absl.logging")
    if absl is not None:
        monkeypatch.setattr(absl.PythonHandler, "close", logging.StreamHandler.close)


def marked(**roles: Any) -> dict[str, Any]:
    """A cell's metadata as nbgrader's own editor writes it."""
    plain = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": plain | roles}


def authored() -> NotebookNode:
    """The instructor's notebook: each kind of cell that nbgrader has."""
    cells = [
        new_markdown_cell("# Homework", metadata=marked(grade_id="cell-0")),
        new_code_cell("import math", metadata=marked(grade_id="imports", locked=True)),
        new_code_cell(ANSWER, metadata=marked(grade_id="answer", solution=True)),
        new_code_cell(
            TEST, metadata=marked(grade_id="test_answer", grade=True, locked=True, points=2)
        ),
        new_markdown_cell(
            "Why?", metadata=marked(grade_id="essay", grade=True, solution=True, points=3)
        ),
        new_markdown_cell(
            TASK, metadata=marked(grade_id="project", task=True, locked=True, points=1)
        ),
        new_code_cell("helper = 1"),
        new_code_cell(
            "### BEGIN SOLUTION\nx = 3\n### END SOLUTION",
            metadata=marked(grade_id="second", solution=True),
        ),
        new_code_cell(
            "assert x == 3", metadata=marked(grade_id="test_second", grade=True, points=1)
        ),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"node-{number}"
    cells[1].metadata.tags = ["hide-input"]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": spec})


@pytest.fixture(autouse=True)
def _same_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader's commands put the current folder on the path of imports."""
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.fixture(scope="session")
def _released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("nbgrader") / "course"
    (root / "source" / "hw1").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    nbformat.write(authored(), root / "source" / "hw1" / "p1.ipynb")
    config = Config({"CourseDirectory": {"root": str(root), "assignment_id": "hw1"}})
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader runs `alembic` when it makes a gradebook.
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        GenerateAssignment(coursedir=CourseDirectory(config=config), config=config).start()
    return root


@pytest.fixture
def nbgrader_course(_released: Path, tmp_path: Path) -> Path:
    """A course's folder with the released assignment hw1 and its gradebook, for one test."""
    return Path(shutil.copytree(_released, tmp_path / "course"))


@pytest.fixture
def released(nbgrader_course: Path) -> NotebookNode:
    """The notebook p1 as students get it."""
    return nbformat.read(nbgrader_course / "release" / "hw1" / "p1.ipynb", as_version=4)


@pytest.fixture(scope="session")
def packaged_line(toy_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the assignment `line`, packaged and released: for copies, not for changes."""
    course = tmp_path_factory.mktemp("packaged") / "line101"
    package_run.run(("line",), course, toy_course, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        patch.setattr(sys, "path", list(sys.path))
        patch.chdir(course)
        app = GenerateAssignmentApp()
        app.initialize(["line", "--log-level=ERROR"])
        app.start()
    return course


@pytest.fixture(scope="session")
def line_with(packaged_line: Path) -> Callable[..., NotebookNode]:
    """Make the released notebook, with the course's answers to the cells named by grade_id."""

    def make(*answered: str) -> NotebookNode:
        nb, course = (
            nbformat.read(packaged_line / step / "line" / "line.ipynb", as_version=4)
            for step in ("release", "source")
        )
        for cell, theirs in zip(nb.cells, course.cells, strict=True):
            if cell.metadata.get("nbgrader", {}).get("grade_id") in answered:
                cell.source = theirs.source
        return nb

    return make


@pytest.fixture(scope="module", autouse=True)
def _same_path_after() -> Iterator[None]:
    """The same for commands that are run by a fixture of a whole module."""
    before = list(sys.path)
    yield
    sys.path[:] = before
