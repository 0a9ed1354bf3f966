"""A new exercise is complete: it is green at once, and every decision is listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.authoring import lint, skeleton
from autograder.cli import main
from autograder.commands.new import KINDS
from autograder.course.exercise import Root

TRAINS = pytest.mark.nightly  # six answers, each trained three times
KIND = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def course(tmp_path: Path) -> Root:
    """An empty course."""
    for folder in ("solutions", "datasets", "exercises"):
        (tmp_path / folder).mkdir()
    (tmp_path / "exercises" / "README.md").write_text("# A course\n\n- [Old](old/): the first.\n")
    return Root(tmp_path)


def call(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_the_command_knows_all_kinds() -> None:
    assert skeleton.kinds() == tuple(sorted(KINDS))


@KIND
def test_a_new_exercise_has_no_faults_and_lists_each_decision(course: Root, kind: str) -> None:
    code, output = call("new", "my_first", "--like", kind, "--root", str(course.path))
    assert code == 0, output
    lint.refuse([course.exercise("my_first")])
    marked = {
        f"{path.relative_to(course.path)}:{number}"
        for path in course.path.rglob("*")
        if path.is_file()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if "DECIDE" in line
    }
    assert marked
    assert set(re.findall(r"^  (\S+:\d+): \S", output, re.M)) == marked
    assert "Next: autograder try my_first --watch" in output
    index = (course.path / "exercises" / "README.md").read_text("utf-8")
    assert index.startswith("# A course\n\n- [Old](old/): the first.\n- [My first](my_first/): ")


@KIND
def test_two_new_exercises_of_a_kind_stand_side_by_side(course: Root, kind: str) -> None:
    for name, other in (("first", "second"), ("second", "first")):
        code, output = call("new", name, "--like", kind, "--root", str(course.path))
        assert code == 0, output
        assert f"solutions/{other}" not in output
        assert output.count("exercises/README.md:") == 1
    assert course.names() == ("first", "second")
    lint.refuse([course.exercise(name) for name in course.names()])
    files = [path for path in (course.path / "solutions" / "second").rglob("*") if path.is_file()]
    assert not [path for path in files if "$name" in path.read_text("utf-8")]


@pytest.mark.parametrize("name", ["First", "1st", "a-b", "../up", "a b", "", "x" * 41])
def test_a_name_that_fits_no_file_is_refused(course: Root, name: str) -> None:
    code, output = call("new", "--root", str(course.path), "--", name)
    assert code == 2
    assert "begins with a small letter" in output
    assert course.names() == ()


def test_a_name_that_is_taken_is_refused_and_nothing_is_written(course: Root) -> None:
    (course.datasets / "cars").mkdir()
    before = sorted(course.path.rglob("*"))
    code, output = call("new", "cars", "--root", str(course.path))
    assert code == 2
    assert "cars is there already: choose another name, or remove the folder" in output
    assert sorted(course.path.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    "kind",
    [kind if kind == "functions" else pytest.param(kind, marks=TRAINS) for kind in KINDS],
)
def test_a_new_exercise_is_green_at_once(course: Root, kind: str) -> None:
    root = ("--root", str(course.path))
    assert call("new", "my_first", "--like", kind, *root)[0] == 0
    code, output = call("try", "my_first", "--workers", "2", *root)
    assert code == 0, output
    assert ", 0 not as they must be" in output
