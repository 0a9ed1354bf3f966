"""The terminal table says every score, every reason and how many there are."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from autograder.report import table
from autograder.result import Check, Measure, Outcome, Result, Status, Visibility


def result(student: str, exercise: str = "car_price", **changes: Any) -> Result:
    known = {"source": f"{student}.py", "sha256": "", "key": "k", "status": Status.GRADED}
    return Result(**{**known, "student": student, "exercise": exercise, **changes})


def check(outcome: Outcome, points: float) -> Check:
    return Check("a", "A", Visibility.VISIBLE, outcome, points, 4.0)


def shown(results: list[Result], width: int = 120) -> str:
    buffer = io.StringIO()
    Console(file=buffer, width=width).print(table.render(iter(results)))
    return buffer.getvalue()


def test_a_class() -> None:
    text = shown(
        [
            result("ada", checks=(check(Outcome.PARTIAL, 2.5),)),
            result("ada", "digits_cnn", checks=(check(Outcome.PASSED, 4.0),)),
            result("bob", status=Status.REJECTED, message="It is empty."),
            result("eve", "digits_cnn", status=Status.GRADER_ERROR, message="KeyError: 'x'"),
            result("zoe", checks=(check(Outcome.NOT_ATTEMPTED, 0.0),)),
        ]
    )
    lines = text.splitlines()
    assert [word for word in lines[2].split() if word.isidentifier()] == [
        "Student",
        "car_price",
        "digits_cnn",
    ]
    ada = next(line for line in lines if "ada" in line)
    assert ada.index("2.5 / 4") < ada.index("4 / 4")
    assert "0 / 4 not attempted" in text
    assert "rejected: bob car_price (bob.py): It is empty." in text
    assert "grader error: eve digits_cnn (eve.py): KeyError: 'x'" in text
    assert lines[-1] == (
        "4 people. 5 submissions: 3 graded, 1 rejected, 1 grader error, mean score 54%."
    )


def test_someone_unknown_is_shown_too() -> None:
    text = shown([result("", "", source="class.zip:?", status=Status.REJECTED, message="Broken.")])
    assert "rejected: (unknown) (class.zip:?): Broken." in text
    assert text.splitlines()[-1] == (
        "0 people, and 1 file of unknown people. 1 submission: 0 graded, 1 rejected."
    )


def test_nothing_at_all() -> None:
    assert shown([]).splitlines()[-1] == "0 people. 0 submissions: 0 graded."


def test_of_a_large_class_the_first_are_shown_and_all_are_counted() -> None:
    text = shown([result(f"s{n:04}", status=Status.REJECTED, message="Empty.") for n in range(900)])
    assert text.count("rejected: ") == 200
    assert "s0499 " in text
    assert "s0500 " not in text
    assert "and 400 more students" in text
    assert "and 700 more such lines" in text
    assert text.splitlines()[-1] == "900 people. 900 submissions: 0 graded, 900 rejected."


@pytest.mark.parametrize("hostile", ["[red]ada[/red]", "[/]", "[link=http://x]a[/link]", ":smile:"])
def test_markup_in_names_is_shown_as_it_is(hostile: str) -> None:
    text = shown([result(hostile, source=hostile, status=Status.REJECTED, message=hostile)])
    assert text.count(hostile) == 4


@given(st.text(max_size=30))
def test_any_text_is_shown_without_control_characters(raw: Any) -> None:
    text = shown([result(raw, exercise=raw, source=raw, status=Status.REJECTED, message=raw)])
    assert all(char == "\n" or char.isprintable() or char in "\u200c\u200d" or ord(char) > 160
               for char in text)  # fmt: skip
    assert "\x1b" not in text


def test_what_chance_may_have_decided_is_shown_with_its_numbers() -> None:
    near = Measure("unseen_accuracy", 0.9046, 0.91, tries=3)
    checks = (
        replace(check(Outcome.PARTIAL, 3.9), borderline=True, measures=(near,)),
        replace(check(Outcome.PASSED, 4.0), measures=(Measure("bend", None, 0.1),)),
    )
    text = shown([result("ada", checks=checks)])
    assert (
        "borderline: ada car_price a: unseen_accuracy 0.905 against 0.91, best of 3 tries" in text
    )
    assert "bend" not in text
    assert "1 graded, 1 borderline" in text


def test_open_points_are_shown_and_lower_no_mean() -> None:
    answered = (check(Outcome.PASSED, 4.0), check(Outcome.OPEN, 0.0))
    text = shown([result("ada", checks=answered)])
    assert "4 / 8 (4 open)" in text
    assert "1 person. 1 submission: 1 graded, 1 waiting for a person, mean score 100%." in text
