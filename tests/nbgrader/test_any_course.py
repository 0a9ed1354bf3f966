"""A course of somebody else: one line of configuration, and the scores stay what they were."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BIN = Path(sys.executable).parent
LINE = "\nfrom autograder.nbgrader.config import configure; configure(c)\n"
Grades = dict[tuple[str, str, str], float | None]


def sh(course: Path, *command: str) -> None:
    """Run one of nbgrader's commands in the course's folder."""
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=course,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def grades(course: Path) -> Grades:
    """Return the automatic points of every grade cell."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            (submission.student.id, notebook.name, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions("ps1")
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def answered(course: Path, name: str) -> NotebookNode:
    """Return a released notebook with the instructor's own answers in it."""
    nb = nbformat.read(course / "release" / "ps1" / name, 4)
    source = nbformat.read(course / "source" / "ps1" / name, 4)
    answers = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for cell in nb.cells:
        known = cell.metadata.get("nbgrader", {})
        cell.source = answers.get(known.get("grade_id"), cell.source)
    return nb


def submit(course: Path, student: str, *, full: bool, extra: str = "") -> None:
    """Hand in all notebooks of the example: answered or as released, with one more cell."""
    folder = course / "submitted" / student / "ps1"
    shutil.copytree(course / "release" / "ps1", folder)
    for path in sorted(folder.glob("*.ipynb")):
        nb = answered(course, path.name) if full else nbformat.read(path, 4)
        if extra:
            nb.cells.insert(0, nbformat.v4.new_code_cell(extra))
        nbformat.write(nb, path)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nbgrader's own example course, released and handed in by two students."""
    root = tmp_path_factory.mktemp("example")
    sh(root, "nbgrader", "quickstart", "course")
    course = root / "course"
    sh(course, "nbgrader", "generate_assignment", "ps1")
    submit(course, "noisy", full=True, extra="import warnings\nwarnings.warn('careful')")
    submit(course, "untouched", full=False)
    return course


def test_the_example_course_has_the_same_scores_in_the_sandbox(course: Path) -> None:
    ours = Path(shutil.copytree(course, course.parent / "ours"))
    with (ours / "nbgrader_config.py").open("a") as file:
        file.write(LINE)
    sh(course, "nbgrader", "autograde", "ps1")
    sh(ours, "nbgrader", "autograde", "ps1")
    expected = grades(course)
    assert grades(ours) == expected
    points = {
        one: sum(p or 0 for (s, *_), p in expected.items() if s == one) for one, *_ in expected
    }
    assert points["noisy"] > points["untouched"]
    parallel = Path(shutil.copytree(ours, course.parent / "parallel"))
    shutil.rmtree(parallel / "autograded")
    sh(parallel, "autograder", "autograde", "ps1")
    assert grades(parallel) == expected
