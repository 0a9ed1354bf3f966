"""`try` shows what students would read, without a release and without a calibration."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import main

pytestmark = pytest.mark.slow

FILES = {
    "solution.py": '''# %% [markdown] id="title"
# # Double

# %% id="double"
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
''',
    "visible.py": '''from autograder.checks import points


@points(1)
def test_one(student):
    """Twice 1 is 2"""
    assert student.double(1.0) == 2.0, "try it with 1"
''',
    "hidden.py": '''import numpy as np

from autograder.checks import points


@points(2)
def test_any(student, rng, thresholds):
    """Twice any number"""
    x = rng.normal(size=50)
    error = float(np.abs(np.array([student.double(float(v)) for v in x]) - 2 * x).max())
    assert thresholds.measure("error", error).met, f"off by up to {error:.0f}"
''',
    "exercise.toml": (
        '[thresholds.error]\nbetter = "lower"\nwhat = "the largest error"\nweak = ["square"]\n'
    ),
    "right/sum.py": "def double(x):\n    return x + x\n",
    "wrong/square.py": "# fails: test_one, test_any\ndef double(x):\n    return x * x\n",
    "wrong/five.py": "# fails: test_one, test_any\ndef double(x):\n    return 5 * x\n",
}
EVERYTHING = ["reference", "right/sum", "wrong/five", "wrong/square", "stub"]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with one exercise, neither released nor calibrated."""
    for name, text in FILES.items():
        path = tmp_path / "solutions" / "double" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "datasets").mkdir()
    return tmp_path


def test_limits_are_provisional_and_nothing_is_written_but_the_results(course: Path) -> None:
    arguments = ["try", "double", "--root", str(course), "--workers", "2"]
    done = CliRunner().invoke(main, arguments)
    shown = " ".join(done.output.split())
    assert done.exit_code == 0, done.output
    assert "error is at most" in shown
    assert "provisionally: honest answers measured 0 at worst, weak ones" in shown
    assert "autograder calibrate double chooses the thresholds that decide grades." in shown
    for told in (
        "✓ reference: 3 of 3 points",
        "✓ wrong/square: 0 of 3 points",
        "✗ Twice 1 is 2 (0 of 1) try it with 1",
        "✓ stub: 0 of 3 points",
        "5 answers, 0 not as they must be",
    ):
        assert told in shown, done.output
    assert sorted(path.name for path in course.iterdir()) == [
        *(".autograder", "datasets", "solutions")
    ]
    written = {str(p.relative_to(course / "solutions" / "double")) for p in _files(course)}
    assert {name for name in written if "__pycache__" not in name} == set(FILES)


def _files(course: Path) -> list[Path]:
    return [path for path in (course / "solutions" / "double").rglob("*") if path.is_file()]


def test_an_answer_that_does_not_fail_as_it_says_is_told_with_its_difference(course: Path) -> None:
    wrong = course / "solutions" / "double" / "wrong"
    (wrong / "five.py").write_text("# fails: test_any\ndef double(x):\n    return 5 * x\n")
    shutil.move(wrong / "five.py", wrong / "times.py")
    done = CliRunner().invoke(main, ["try", "double", "--root", str(course), "--workers", "2"])
    shown = " ".join(done.output.split())
    assert done.exit_code == 1
    assert "✗ double wrong/times test_one: failed (0 of 1): try it with 1" in shown
    assert "- return 2 * x + return 5 * x" in shown
    assert "5 answers, 1 not as they must be" in shown


@pytest.fixture
def watching(course: Path) -> Iterator[subprocess.Popen[str]]:
    """A running `try --watch`."""
    command = ["-m", "autograder.cli", "try", "double", "--watch", "--root", str(course)]
    process = subprocess.Popen(
        [sys.executable, *command, "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "120"},
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(60)


def _round(process: subprocess.Popen[str]) -> str:
    """Return what is printed until the command waits for a save."""
    assert process.stdout is not None
    shown = ""
    while "Waiting for the next save" not in shown:
        line = process.stdout.readline()
        assert line, shown
        shown += line
    return shown


def _tried(shown: str) -> list[str]:
    lines = [line.partition(":")[0].split() for line in shown.splitlines() if " points, " in line]
    return [words[1] for words in lines]


def test_a_save_runs_what_it_can_affect_again(
    course: Path, watching: subprocess.Popen[str], ends: Callable[[int], bool]
) -> None:
    authored = course / "solutions" / "double"
    assert _tried(_round(watching)) == EVERYTHING
    (authored / "wrong" / "five.py").write_text(
        "# fails: test_any\ndef double(x):\n    return 2 * x if x == 1 else 6 * x\n"
    )
    second = _round(watching)
    assert _tried(second) == ["wrong/five"]
    assert "5 answers, 0 not as they must be; 4 unchanged" in second
    solution = authored / "solution.py"
    solution.write_text(solution.read_text("utf-8").replace("### END", "### EDN"), "utf-8")
    assert "solution.py:" in _round(watching)  # told, and the command goes on
    solution.write_text(solution.read_text("utf-8").replace("### EDN", "### END"), "utf-8")
    assert _tried(_round(watching)) == []
    visible = authored / "visible.py"
    visible.write_text(visible.read_text("utf-8").replace("try it", "look at it"), "utf-8")
    last = _round(watching)
    assert _tried(last) == EVERYTHING
    assert "look at it with 1" in last
    os.killpg(watching.pid, signal.SIGINT)
    assert watching.wait(60) == 130
    assert ends(watching.pid)
