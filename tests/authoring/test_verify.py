"""`verify` finds every kind of broken exercise, and names the cell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.authoring.verify import Kind, cases
from autograder.cli import main
from autograder.errors import UnlabelledWrongAnswer

pytestmark = pytest.mark.slow


@pytest.fixture
def course(toy_course: Path, tmp_path: Path) -> Path:
    """A copy of the toy course, released."""
    root = tmp_path / "course"
    shutil.copytree(toy_course, root)
    done = CliRunner().invoke(main, ["release", "--root", str(root)])
    assert done.exit_code == 0, done.output
    return root


def _verify(course: Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["verify", "--root", str(course), "--workers", "2"])
    return done.exit_code, " ".join(done.output.split())


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_sound_exercise_is_proved(course: Path) -> None:
    only_scale = "# fails: test_scale, test_fragile\ndef scale(values):\n    return values + 1\n"
    (course / "solutions" / "line" / "wrong" / "plus_one.py").write_text(only_scale)
    code, output = _verify(course)
    assert code == 0, output
    assert "5 answers, 0 problems" in output
    assert "@@" not in output


def test_every_fault_is_found_and_named(course: Path) -> None:
    line = course / "solutions" / "line"
    _edit(line / "wrong" / "halved.py", "test_scale, ", "")
    _edit(line / "right" / "functional.py", "Dense(1)", "Dense(2)")
    _edit(
        line / "hidden.py",
        "@points(1)\n",
        "@points(1)\ndef test_idle():\n    '''Idle'''\n@points(1)\n",
    )
    (course / "exercises" / "line" / "stray.txt").write_text("stray")
    (course / "exercises" / "README.md").write_text("nothing here")
    code, output = _verify(course)
    assert code == 1
    for told in (
        "line wrong/halved test_scale: failed (0 of 2)",
        "- return values / values.max() + return values / values.max() / 2",
        "line right/functional test_shape: failed (0 of 1)",
        "line test_idle: no wrong answer fails this hidden check",
        "line exercises/: stray.txt: not written by release",
        "line exercises/README.md: has no line that links to line/",
        "4 answers, 6 problems; 2 of them in files, named above",
    ):
        assert output.count(told) == 1, output


def test_a_course_that_is_not_released_is_told_the_way_out(toy_course: Path) -> None:
    code, output = _verify(toy_course)
    assert code == 2
    assert "line.ipynb is missing; run: autograder release line" in output


def test_a_broken_reference_is_told_with_its_reason(course: Path) -> None:
    _edit(course / "solutions" / "line" / "hidden.py", "np.array(", "np.arrayy(")
    code, output = _verify(course)
    assert code == 1
    assert "arrayy" in output


def test_checks_that_cannot_be_collected_stop_before_anything_is_graded(course: Path) -> None:
    _edit(course / "solutions" / "line" / "hidden.py", "import numpy", "import numpyy")
    code, output = _verify(course)
    assert code == 2
    assert "No module named 'numpyy'" in output
    assert "answers" not in output


def test_an_answer_that_cannot_be_read_stops_before_anything_is_graded(course: Path) -> None:
    wrong = course / "solutions" / "line" / "wrong" / "halved.py"
    _edit(wrong, "def scale(values):", "def scale(values:")
    code, output = _verify(course)
    assert code == 2
    assert f"{wrong}:6: a syntax error" in output
    assert "answers" not in output


def test_wrong_answers_must_say_what_they_fail(course: Path) -> None:
    from autograder.course.exercise import Root

    exercise = Root(course).exercise("line")
    assert [case.kind for case in cases(exercise)].count(Kind.WRONG) == 1
    _edit(course / "solutions" / "line" / "wrong" / "halved.py", "# fails:", "# breaks:")
    with pytest.raises(UnlabelledWrongAnswer, match="line 1"):
        list(cases(exercise))
