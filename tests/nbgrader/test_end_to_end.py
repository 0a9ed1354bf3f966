"""The real thing from quickstart to exported grades: both ways of autograding agree."""

from __future__ import annotations

import csv
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
Grades = dict[str, dict[str, float | None]]


def sh(course: Path, *command: str) -> str:
    """Run a command of this environment in the course's folder; return all it printed."""
    environment = {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def grades(course: Path) -> Grades:
    """Return the automatic points of each cell, by student and grade id."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            submission.student.id: {
                f"{notebook.name}.{grade.name}": grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions("line")
        }


def role(nb: NotebookNode, name: str) -> list[NotebookNode]:
    """Return the cells with one of nbgrader's roles: solution or grade."""
    return [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get(name)]


class Class:
    """A course and what its students hand in."""

    def __init__(self, course: Path) -> None:
        self.course = course

    def released(self) -> NotebookNode:
        return nbformat.read(self.course / "release" / "line" / "line.ipynb", 4)

    def answered(self) -> NotebookNode:
        nb = self.released()
        source = nbformat.read(self.course / "source" / "line" / "line.ipynb", 4)
        for mine, theirs in zip(role(nb, "solution"), role(source, "solution"), strict=True):
            mine.source = theirs.source
        return nb

    def submit(self, student: str, nb: NotebookNode) -> None:
        folder = self.course / "submitted" / student / "line"
        folder.mkdir(parents=True)
        (folder / "line.ipynb").write_text(nbformat.writes(nb), "utf-8")


def submissions(room: Class) -> None:
    """Hand in what six students did."""
    room.submit("ada_honest", room.answered())
    half = room.answered()
    role(half, "solution")[1].source = room.released().cells[0].source
    role(half, "solution")[1].source = "def build_model(x_train):\n    return None"
    room.submit("bo_half", half)
    room.submit("cy_untouched", room.released())
    looping = room.answered()
    role(looping, "solution")[0].source = "def scale(values):\n    while True: pass"
    room.submit("di_looping", looping)
    dead = room.answered()
    dead.cells.insert(1, nbformat.v4.new_code_cell("import os\nos._exit(1)"))
    room.submit("ed_dead", dead)
    room.submit("fy_tampered", tampered(room.answered()))


def tampered(nb: NotebookNode) -> NotebookNode:
    """Return a full answer with its grade cells edited, raised, converted, deleted, doubled."""
    grade = role(nb, "grade")
    grade[0].source = "print('all fine')"
    grade[1].metadata.nbgrader.points = 100
    nb.cells.remove(grade[2])
    grade[3].cell_type = "markdown"
    for name in ("outputs", "execution_count"):
        grade[3].pop(name, None)
    copy = nbformat.from_dict(dict(role(nb, "solution")[0]))
    copy.id = "copy"
    nb.cells.append(copy)
    nb.metadata["autograder"] = {"exercise": "an-easier-one"}
    return nb


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, toy_course: Path) -> Class:
    """A course made by quickstart, packaged, released, handed in and graded in parallel."""
    folder = tmp_path_factory.mktemp("class")
    sh(folder, "nbgrader", "quickstart", "course")
    course = folder / "course"
    shutil.rmtree(course / "source" / "ps1")
    sh(course, "autograder", "package", "line", "--course", ".", "--root", str(toy_course))
    sh(course, "nbgrader", "generate_assignment", "line")
    found = Class(course)
    submissions(found)
    sh(course, "autograder", "autograde", "line")
    return found


@pytest.fixture(scope="module")
def ours(room: Class) -> Grades:
    """What `autograder autograde` has saved."""
    return grades(room.course)


def total(points: dict[str, float | None]) -> float:
    return sum(p or 0.0 for p in points.values())


def test_each_submission_has_what_it_earned(ours: Grades) -> None:
    most = total(ours["ada_honest"])
    assert most == 7.0
    assert total(ours["cy_untouched"]) == 0
    assert ours["bo_half"]["line.test_scale"] == 2.0
    assert total(ours["bo_half"]) == 3.0
    assert total(ours["di_looping"]) == 4.0
    assert total(ours["ed_dead"]) == most
    assert total(ours["fy_tampered"]) == most
    assert all(p is not None for points in ours.values() for p in points.values())


def test_nbgraders_own_command_comes_to_the_same(room: Class, ours: Grades) -> None:
    other = Path(shutil.copytree(room.course, room.course.parent / "other"))
    shutil.rmtree(other / "autograded")
    with Gradebook(f"sqlite:///{other}/gradebook.db") as gradebook:
        for submission in gradebook.assignment_submissions("line"):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    grade.auto_score = None
        gradebook.db.commit()
    log = sh(other, "nbgrader", "autograde", "line")
    assert grades(other) == ours
    assert "was missing" in log  # tampering is reported to the instructor
    for student in ours:
        one, two = (
            nbformat.read(c / "autograded" / student / "line" / "line.ipynb", 4)
            for c in (room.course, other)
        )
        assert [c.source for c in one.cells] == [c.source for c in two.cells]


def test_a_second_run_grades_nothing_and_an_unfinished_one_is_taken_up(
    room: Class, ours: Grades
) -> None:
    graded = room.course / "autograded"
    before = {p: p.stat().st_mtime_ns for p in graded.rglob("*.ipynb")}
    told = sh(room.course, "autograder", "autograde", "line")
    assert "6 graded before and kept (--force grades them again)." in told
    assert {p: p.stat().st_mtime_ns for p in graded.rglob("*.ipynb")} == before
    folder = graded / "ada_honest" / "line"
    (folder / ".autograder-unfinished").touch()
    sh(room.course, "autograder", "autograde", "line")
    after = {p: p.stat().st_mtime_ns for p in graded.rglob("*.ipynb")}
    assert {p.parts[-3] for p in after if after[p] != before[p]} == {"ada_honest"}
    assert grades(room.course) == ours


def test_feedback_tells_and_the_export_has_every_student(room: Class, ours: Grades) -> None:
    sh(room.course, "nbgrader", "generate_feedback", "line")
    page = (room.course / "feedback" / "bo_half" / "line" / "line.html").read_text("utf-8")
    assert "The model has one output" in page
    assert "0 of 1 point" in page
    sh(room.course, "autograder", "export", "-o", "grades.csv", "--checks")
    with (room.course / "grades.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["student_id"]: row for row in csv.DictReader(stream)}
    assert set(rows) == set(ours)
    for student, points in ours.items():
        assert float(rows[student]["score"]) == total(points)
        for name, value in points.items():
            assert float(rows[student][name]) == value
