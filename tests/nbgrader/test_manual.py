"""A question that a person grades is nbgrader's own kind of answer; its points are a person's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import MetadataValidator

from autograder.authoring import release
from autograder.course.exercise import Root
from autograder.course.manual import PROMPT
from autograder.nbgrader import assignment
from autograder.runner.collection import checks_of

BIN = Path(sys.executable).parent
QUESTIONS = """
# %% [markdown] id="why"
# Why are values scaled?
#
# ### BEGIN SOLUTION
# Because steps are then of one size.
# ### END SOLUTION

# %% [markdown] id="sketch"
# Hand in `sketch.png`.
"""
TABLES = """
[manual.why]
title = "Why are values scaled?"
points = 2

[manual.sketch]
title = "A sketch of the line"
points = 1.5
upload = "sketch.png"
"""


@pytest.fixture
def asking(edited_course: Callable[..., Path]) -> Path:
    """The toy course with two questions."""
    root = edited_course()
    for name, more in (("solution.py", QUESTIONS), ("exercise.toml", TABLES)):
        path = root / "solutions" / "line" / name
        path.write_text(path.read_text("utf-8") + more, "utf-8")
    return root


def test_a_question_is_an_answer_with_points(asking: Path) -> None:
    exercise = Root(asking).exercise("line")
    content = assignment.files(exercise, checks_of(exercise), {})["source/line/line.ipynb"]
    nb = nbformat.reads(content.decode(), as_version=4)
    MetadataValidator().validate_nb(nb)
    graded = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    found = {cell.metadata.nbgrader.grade_id: cell for cell in graded}
    for id_, points in (("why", 2), ("sketch", 1.5)):
        meta = found[id_].metadata.nbgrader
        assert (meta.solution, meta.locked, meta.task, meta.points) == (True, False, False, points)
        assert found[id_].cell_type == "markdown"
    assert {"test_scale", "test_shape"} < found.keys()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_its_points_wait_for_a_person_and_survive_the_next_run(
    asking: Path, tmp_path: Path
) -> None:
    course = tmp_path / "course"
    sh(tmp_path, "autograder", "package", "line", "--course", "course", "--root", str(asking))
    sh(course, "nbgrader", "generate_assignment", "line")
    nb = nbformat.read(course / "release" / "line" / "line.ipynb", 4)
    theirs = {cell.id: cell.source for cell in nb.cells}
    released = release.files(Root(asking).exercise("line"))["line.ipynb"]
    for cell in nbformat.reads(released.decode(), as_version=4).cells:
        place = f"\n\n{PROMPT}" if cell.id == "sketch" else ""
        assert theirs[cell.id] == cell.source + place
    submitted = course / "submitted" / "ada_untouched" / "line"
    submitted.mkdir(parents=True)
    nbformat.write(nb, submitted / "line.ipynb")
    sh(course, "autograder", "autograde", "line")
    assert waiting(course) == {"why": (None, True), "sketch": (None, True)}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("why", "line", "line", "ada_untouched")
        grade.manual_score = 1.5
        gradebook.db.commit()
    sh(course, "autograder", "autograde", "line", "--force")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        assert gradebook.find_grade("why", "line", "line", "ada_untouched").score == 1.5
    assert waiting(course)["why"] == (None, True)


def sh(folder: Path, *command: str) -> None:
    """Run a command of this environment in a folder."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder,
        env={**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def waiting(course: Path) -> dict[str, tuple[float | None, bool]]:
    """Return each question's automatic points, and whether a person has to look at it."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        (submission,) = gradebook.assignment_submissions("line")
        return {
            grade.name: (grade.auto_score, grade.needs_manual_grade)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.name in ("why", "sketch")
        }
