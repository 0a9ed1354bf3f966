"""Grades leave the gradebook as they are in it, and open harmlessly in a spreadsheet."""

from __future__ import annotations

import csv
import datetime
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp
from nbgrader.plugins import CsvExportPlugin

from autograder.commands.export_run import run
from autograder.errors import UnknownName
from autograder.nbgrader.export import CsvExport

WHEN = datetime.datetime(2026, 3, 1, 12, 30)


@pytest.fixture
def gradebook(nbgrader_course: Path) -> Iterator[Gradebook]:
    """hw1 is graded for ada, handed in by bob, and not by the others."""
    with Gradebook(f"sqlite:///{nbgrader_course / 'gradebook.db'}") as found:
        found.update_or_create_student("ada", first_name="Ada, Countess", last_name='"Lovelace"')
        found.update_or_create_student("bob", last_name="=cmd|' /C calc'!A0", email="+1@x.org")
        found.update_or_create_student("007", last_name="Two\nlines")
        found.update_or_create_submission("hw1", "ada", timestamp=WHEN)
        found.update_or_create_submission("hw1", "bob", timestamp=WHEN)
        give(found, "ada", test_answer=1.5, test_second=0.0, essay=2.0, project=1.0)
        found.db.commit()
        yield found


def give(gradebook: Gradebook, student: str, **scores: float) -> None:
    for name, score in scores.items():
        grade = gradebook.find_grade(name, "p1", "hw1", student)
        grade.auto_score, grade.needs_manual_grade = score, False
    gradebook.db.commit()


def exported(gradebook: Gradebook, path: Path, **options: object) -> dict[str, dict[str, str]]:
    """The rows of the file by student."""
    CsvExport(to=str(path), **options).export(gradebook)
    return rows(path)


def rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["student_id"]: row for row in csv.DictReader(stream)}


def test_the_columns_are_nbgraders_own(gradebook: Gradebook, tmp_path: Path) -> None:
    CsvExportPlugin(to=str(tmp_path / "theirs.csv")).export(gradebook)
    exported(gradebook, tmp_path / "ours.csv")
    theirs = (tmp_path / "theirs.csv").read_text().splitlines()[0]
    assert (tmp_path / "ours.csv").read_text().splitlines()[0].replace('"', "") == theirs


def test_a_graded_submission(gradebook: Gradebook, tmp_path: Path) -> None:
    submitted = gradebook.find_submission("hw1", "ada")
    submitted.notebooks[0].late_submission_penalty = 1.0
    gradebook.find_grade("essay", "p1", "hw1", "ada").extra_credit = 0.25
    gradebook.db.commit()
    assert exported(gradebook, tmp_path / "g.csv")["ada"] == {
        "assignment": "hw1",
        "duedate": "",
        "timestamp": "2026-03-01 12:30:00",
        "student_id": "ada",
        "last_name": '"Lovelace"',
        "first_name": "Ada, Countess",
        "email": "",
        "raw_score": "4.75",
        "late_submission_penalty": "1.0",
        "score": "3.75",
        "max_score": "7.0",
    }


@pytest.mark.parametrize(("student", "when"), [("007", ""), ("bob", str(WHEN))])
def test_what_is_missing_or_not_graded_is_empty_not_zero(
    gradebook: Gradebook, tmp_path: Path, student: str, when: Any
) -> None:
    row = exported(gradebook, tmp_path / "g.csv")[student]
    scores = (row["raw_score"], row["late_submission_penalty"], row["score"])
    assert (row["timestamp"], row["max_score"], scores) == (when, "7.0", ("", "", ""))


def test_a_zero_that_was_earned_is_a_zero(gradebook: Gradebook, tmp_path: Path) -> None:
    give(gradebook, "bob", test_answer=0.0, test_second=0.0, essay=0.0, project=0.0)
    row = exported(gradebook, tmp_path / "g.csv")["bob"]
    assert (row["raw_score"], row["score"]) == ("0.0", "0.0")


def test_what_waits_for_a_grader_has_its_points_so_far_and_a_warning(
    gradebook: Gradebook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    give(gradebook, "bob", test_answer=2.0, test_second=1.0)
    with caplog.at_level(logging.WARNING):
        row = exported(gradebook, tmp_path / "g.csv", checks=True)["bob"]
    assert (row["score"], row["p1.test_answer"], row["p1.essay"]) == ("3.0", "2.0", "")
    assert "wait for a grader, their points so far written: 1" in caplog.text


def test_names_are_quoted_and_no_formula_runs(gradebook: Gradebook, tmp_path: Path) -> None:
    found = exported(gradebook, tmp_path / "g.csv")
    assert found["bob"]["last_name"] == "'=cmd|' /C calc'!A0"
    assert found["bob"]["email"] == "'+1@x.org"
    assert found["007"]["last_name"] == "Two\nlines"


def test_a_column_for_each_graded_cell_in_the_notebooks_order(
    gradebook: Gradebook, tmp_path: Path
) -> None:
    row = exported(gradebook, tmp_path / "g.csv", checks=True)["ada"]
    assert list(row)[11:] == ["p1.test_answer", "p1.essay", "p1.project", "p1.test_second"]
    assert list(row.values())[11:] == ["1.5", "2.0", "1.0", "0.0"]


def test_a_later_assignment_has_columns_of_its_own(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.add_assignment("hw2", duedate=WHEN)
    gradebook.add_notebook("=p2", "hw2")
    gradebook.add_grade_cell("q", "=p2", "hw2", max_score=1, cell_type="code")
    gradebook.add_source_cell("q", "=p2", "hw2", cell_type="code")
    gradebook.update_or_create_submission("hw2", "ada")
    gradebook.find_grade("q", "=p2", "hw2", "ada").manual_score = 1
    gradebook.db.commit()
    path = tmp_path / "g.csv"
    exported(gradebook, path, checks=True)
    with path.open(newline="") as stream:
        found = [row for row in csv.DictReader(stream) if row["student_id"] == "ada"]
    assert [(row["assignment"], row["p1.essay"], row["'=p2.q"]) for row in found] == [
        ("hw1", "2.0", ""),
        ("hw2", "", "1.0"),
    ]
    assert found[1]["duedate"] == "2026-03-01 12:30:00"
    assert list(exported(gradebook, path, assignment=["hw2"], checks=True)["ada"])[11:] == [
        "'=p2.q"
    ]


def test_chosen_students_and_assignments_only(gradebook: Gradebook, tmp_path: Path) -> None:
    assert list(exported(gradebook, tmp_path / "g.csv", student=["bob"])) == ["bob"]


@pytest.mark.parametrize("choice", [{"student": ["bo"]}, {"assignment": ["hw1", "hw7"]}])
def test_an_unknown_name_writes_no_file(
    gradebook: Gradebook, tmp_path: Path, choice: dict[str, Any]
) -> None:
    with pytest.raises(UnknownName, match=r"has no '(bo|hw7)'"):
        exported(gradebook, tmp_path / "g.csv", **choice)
    assert not (tmp_path / "g.csv").exists()


@pytest.fixture
def graded_course(gradebook: Gradebook, nbgrader_course: Path) -> Path:
    gradebook.close()
    return nbgrader_course


def test_nbgraders_own_command_takes_the_exporter(
    graded_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(graded_course)
    path = tmp_path / "g.csv"
    app = ExportApp()
    app.initialize(
        [
            "--exporter=autograder.nbgrader.export.CsvExport",
            f"--to={path}",
            "--CsvExport.checks=True",
        ]
    )
    app.start()
    assert rows(path)["ada"]["p1.essay"] == "2.0"


def test_the_command(
    graded_course: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    course = graded_course.relative_to(tmp_path)
    assert run(course, Path("out.csv"), True, ("hw1",), ("ada", "007")) == 0
    found = rows(tmp_path / "out.csv")
    assert list(found) == ["ada", "007"]
    assert found["ada"]["p1.test_answer"] == "1.5"
    assert capsys.readouterr().out == f"{tmp_path / 'out.csv'}\n"


def test_the_command_reads_the_courses_configuration(graded_course: Path, tmp_path: Path) -> None:
    (graded_course / "grades").mkdir()
    shutil.move(graded_course / "gradebook.db", graded_course / "grades" / "book.db")
    with (graded_course / "nbgrader_config.py").open("a") as stream:
        stream.write("c.CourseDirectory.db_url = 'sqlite:///grades/book.db'\n")
        stream.write("c.CsvExport.checks = True\n")
    assert run(graded_course, tmp_path / "out.csv", False) == 0
    assert rows(tmp_path / "out.csv")["ada"]["p1.essay"] == "2.0"


def test_a_course_elsewhere_in_a_users_configuration_is_not_exported(
    graded_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "jupyter"
    other.mkdir()
    (other / "nbgrader_config.py").write_text(f"c.CourseDirectory.root = {str(tmp_path)!r}\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(other))
    assert run(graded_course, tmp_path / "out.csv", False) == 0
    assert "ada" in rows(tmp_path / "out.csv")


def test_no_new_gradebook_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match=r"no gradebook: .*gradebook\.db"):
        run(tmp_path, tmp_path / "out.csv", False)
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_in_the_configuration_is_told(graded_course: Path, tmp_path: Path) -> None:
    (graded_course / "nbgrader_config.py").write_text("c.CourseDirectory.db_url = dburl\n")
    with pytest.raises(NameError, match="dburl"):
        run(graded_course, tmp_path / "out.csv", False)


def test_an_unknown_name_is_the_callers_mistake(graded_course: Path, tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="the gradebook has no 'eve'"):
        run(graded_course, tmp_path / "out.csv", False, students=("eve",))
