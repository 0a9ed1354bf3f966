"""grades.csv opens harmlessly in a spreadsheet and reads back as it was."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.report import csv_file
from autograder.result import Check, Outcome, Result, Status, Visibility

FORMULAS = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\N{FULLWIDTH EQUALS SIGN}1",
    "\N{FULLWIDTH PLUS SIGN}1",
    "\N{FULLWIDTH HYPHEN-MINUS}1",
    "\N{FULLWIDTH COMMERCIAL AT}1",
    "'=1",
]


def graded(student: str, status: Status = Status.GRADED) -> Result:
    checks = (
        Check("a", "A", Visibility.VISIBLE, Outcome.PASSED, 2.0, 2.0),
        Check("b", "B", Visibility.HIDDEN, Outcome.PARTIAL, 0.5, 1.0),
    )
    kept = checks if status is Status.GRADED else ()
    return Result(student, "car_price", "s", "", "k", status, checks=kept, seconds=1.23456)


def test_the_file(tmp_path: Path) -> None:
    path = csv_file.write(
        tmp_path,
        [graded("Ada; Lovelace"), graded("bob", Status.REJECTED), graded("x", Status.GRADER_ERROR)],
    )
    assert path.read_text("utf-8").splitlines() == [
        '"student","exercise","score","max_score","status","seconds"',
        '"Ada; Lovelace","car_price",2.5,3.0,"graded",1.235',
        '"bob","car_price","","","rejected",1.235',
        '"x","car_price","","","grader_error",1.235',
    ]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_neutral_and_come_back(tmp_path: Path, text: Any) -> None:
    path = csv_file.write(tmp_path, [graded(text)])
    with path.open(encoding="utf-8", newline="") as stream:
        cell = list(csv.reader(stream))[1][0]
    assert cell == "'" + text
    assert csv_file.read(path)[0]["student"] == text


@pytest.mark.parametrize("text", ["ada", "O'Hara", "'quoted'", "a=b", "", "J-P", "'"])
def test_ordinary_names_stay_as_they_are(text: str) -> None:
    assert csv_file.neutral(text) == text


@given(st.text() | st.text("'=+-@ \t\ra"))
def test_every_text_comes_back_and_none_starts_a_formula(text: Any) -> None:
    cell = csv_file.neutral(text)
    assert csv_file.original(cell) == text
    assert cell.lstrip(" ")[:1] not in tuple("=+-@\t\r\n")


@given(names=st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=5))
def test_the_file_comes_back(tmp_path_factory: pytest.TempPathFactory, names: Any) -> None:
    path = csv_file.write(tmp_path_factory.mktemp("csv"), [graded(name) for name in sorted(names)])
    rows = csv_file.read(path)
    assert [row["student"] for row in rows] == sorted(names)
    assert all(float(row["score"]) == 2.5 for row in rows)


def test_open_points_have_a_column_of_their_own(tmp_path: Path) -> None:
    waiting = Check("why", "Why?", Visibility.HIDDEN, Outcome.OPEN, 0.0, 2.0)
    asked = replace(graded("ada"), checks=(*graded("ada").checks, waiting))
    path = csv_file.write(tmp_path, [asked, graded("bob", Status.REJECTED)], with_open=True)
    first, second = csv_file.read(path)
    assert (first["score"], first["max_score"], first["open_points"]) == ("2.5", "5.0", "2.0")
    assert second["open_points"] == ""
