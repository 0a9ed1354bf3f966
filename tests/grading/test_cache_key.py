"""A key changes with everything that decides points, and with nothing else."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.grading.cache_key import Keys


@pytest.fixture
def course(toy_course: Path, tmp_path: Path) -> Course:
    """A toy course to change, with two exercises."""
    shutil.copytree(toy_course, tmp_path / "course")
    solutions = tmp_path / "course" / "solutions"
    shutil.copytree(solutions / "line", solutions / "other")
    return Course(tmp_path / "course", DEMO_KEY)


def key(course: Course, exercise: str = "line", **changes: Any) -> str:
    return Keys(replace(course, **changes)).key(exercise, ".py", "0" * 64)


@pytest.mark.parametrize(
    "name", ["visible.py", "hidden.py", "conftest.py", "solution.py", "exercise.toml"]
)
def test_changing_what_grades_one_exercise_changes_its_keys_alone(
    course: Course, name: str
) -> None:
    before, other = key(course), key(course, "other")
    with (course.root / "solutions" / "line" / name).open("a") as file:
        file.write("\n# a word more\n")
    assert key(course) != before
    assert key(course, "other") == other


def test_data_may_be_read_by_every_check(course: Course) -> None:
    before = key(course)
    path = next((course.root / "datasets").glob("*/*.csv"))
    path.write_bytes(path.read_bytes() + b"\n")
    assert key(course) != before


def test_answers_that_prove_an_exercise_change_no_key(course: Course) -> None:
    before = key(course)
    line = course.root / "solutions" / "line"
    for folder in ("right", "wrong", "__pycache__"):
        (line / folder).mkdir(exist_ok=True)
        (line / folder / "new.py").write_text("pass")
    (line / "README.md").write_text("Read me.")
    assert key(course) == before


def test_where_the_course_lies_changes_no_key(course: Course, tmp_path: Path) -> None:
    before = key(course)
    shutil.move(course.root, tmp_path / "elsewhere")
    assert key(replace(course, root=tmp_path / "elsewhere")) == before


def test_key_seed_and_accepted_isolation_count(course: Course) -> None:
    found = {
        key(course),
        key(course, key=b"another key of sixteen bytes"),
        key(course, seed=1),
        Keys(course, accepts_weak=True).key("line", ".py", "0" * 64),
        Keys(course).key("line", ".ipynb", "0" * 64),
        Keys(course).key("line", ".py", "1" * 64),
        key(course, "other"),
    }
    assert len(found) == 7


def test_a_key_is_not_shown_with_its_course(course: Course) -> None:
    assert "public demonstration" not in repr(course)
