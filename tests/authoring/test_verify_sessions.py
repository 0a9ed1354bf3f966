"""`verify` that was interrupted goes on where it was, and grades again only what changed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import main

pytestmark = pytest.mark.slow

RIGHT = """import keras
import time


def scale(values):
    time.sleep(0.4)  # answer {number}
    return values / values.max()


def build_model(x_train):
    inputs = keras.Input((7,))
    return keras.Model(inputs, keras.layers.Dense(1)(inputs))
"""
COUNT = 5
ANSWERS = COUNT + 3  # with the reference, the stub and one wrong answer


@pytest.fixture
def course(toy_course: Path, tmp_path: Path) -> Path:
    """A copy of the toy course, released, with five right answers that each take a while."""
    root = tmp_path / "course"
    shutil.copytree(toy_course, root)
    right = root / "solutions" / "line" / "right"
    shutil.rmtree(right)
    right.mkdir()
    for number in range(COUNT):
        (right / f"r{number}.py").write_text(RIGHT.format(number=number), "utf-8")
    done = CliRunner().invoke(main, ["release", "--root", str(root)])
    assert done.exit_code == 0, done.output
    return root


def command(course: Path, *options: str) -> list[str]:
    arguments = ["verify", "--root", str(course), "--workers", "2", *options]
    return [sys.executable, "-m", "autograder.cli", *arguments]


def verify(course: Path, *options: str) -> str:
    """Run the command to its end and return what it printed."""
    done = subprocess.run(
        command(course, *options),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        env={**os.environ, "COLUMNS": "120"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def graded(shown: str) -> list[str]:
    """Return the answers that a run has graded.

    A line that Ctrl-C cuts off is printed once more with the next line: it counts once.
    """
    return list(dict.fromkeys(re.findall(r"^ *\d+/\d+ ✓ line (\S+) ", shown, re.MULTILINE)))


def kept(shown: str) -> int:
    """Return how many answers a run says it kept."""
    found = re.findall(r"^(\d+) graded before and kept", shown, re.MULTILINE)
    return int(found[0]) if found else 0


def marked_kept(shown: str) -> set[str]:
    """Return the answers whose row in the matrix says that their result was kept."""
    return set(re.findall(r"^ (\S+) .* kept *$", shown, re.MULTILINE))


def interrupted(course: Path, number: signal.Signals) -> tuple[int, str, int]:
    """Start the command, send its group a signal after three answers; return code, output, group.

    A terminal sends Ctrl-C to the whole group as well.
    """
    process = subprocess.Popen(
        command(course), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    shown = ""
    while len(graded(shown)) < 3:
        line = process.stdout.readline()
        assert line, shown
        shown += line
    if number is signal.SIGKILL:  # one process is killed: the others must see that by themselves
        process.send_signal(number)
    else:
        os.killpg(process.pid, number)
    shown += process.stdout.read()
    return process.wait(timeout=60), shown, process.pid


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_after_an_interruption_the_same_command_goes_on(
    course: Path, number: signal.Signals, ends: Callable[[int], bool]
) -> None:
    code, shown, group = interrupted(course, number)
    before = graded(shown)
    assert 3 <= len(before) < ANSWERS
    if number is signal.SIGINT:
        assert code == 130
        told = r"Interrupted: (\d+) answers left; the same command goes on from here\."
        left = re.findall(told, shown)
        # The signal may come between an answer's result and its line.
        assert left in ([str(ANSWERS - len(before))], [str(ANSWERS - len(before) - 1)])
    assert ends(group), "processes are left behind"
    again = verify(course)
    # What was stored but not yet shown when the signal came is kept as well.
    assert len(before) <= kept(again) <= len(before) + 1
    assert not set(before) & set(graded(again))
    assert len(graded(again)) == ANSWERS - kept(again)
    assert set(before) <= marked_kept(again)
    assert len(marked_kept(again)) == kept(again)
    assert f"{ANSWERS} answers, 0 problems; {kept(again)} kept" in again


def test_only_what_changed_is_graded_again(course: Path) -> None:
    line = course / "solutions" / "line"
    for number in range(2, COUNT):
        (line / "right" / f"r{number}.py").unlink()
    everything = {"reference", "right/r0", "right/r1", "wrong/halved", "stub"}
    assert set(graded(verify(course))) == everything
    second = verify(course)
    assert graded(second) == []
    assert marked_kept(second) == everything
    (line / "right" / "r1.py").write_text(RIGHT.format(number="of another kind"), "utf-8")
    third = verify(course)
    assert graded(third) == ["right/r1"]
    assert marked_kept(third) == everything - {"right/r1"}
    with (line / "hidden.py").open("a", encoding="utf-8") as file:
        file.write("\n# another word\n")
    assert set(graded(verify(course))) == everything
    assert set(graded(verify(course, "--fresh"))) == everything
    assert (course / ".autograder" / "verify.db").is_file()


def test_the_first_line_of_an_answer_is_compared_with_what_is_kept(course: Path) -> None:
    line = course / "solutions" / "line"
    wrong = line / "wrong" / "halved.py"
    wrong.write_text(wrong.read_text("utf-8").replace("test_scale, ", ""), "utf-8")
    for before in (0, ANSWERS):
        done = subprocess.run(command(course), capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "✗ line wrong/halved test_scale: failed (0 of 2)" in done.stdout
        assert kept(done.stdout) == before
    wrong.write_text(wrong.read_text("utf-8").replace("fails: ", "fails: test_scale, "), "utf-8")
    assert kept(verify(course)) == ANSWERS, "the line decides no point"


def test_other_problems_are_graded_again_and_files_are_looked_at_anew(course: Path) -> None:
    right = course / "solutions" / "line" / "right" / "r0.py"
    right.write_text(right.read_text("utf-8").replace("Dense(1)", "Dense(2)"), "utf-8")
    (course / "exercises" / "line" / "stray.txt").write_text("stray")
    for before in (0, ANSWERS - 1):
        done = subprocess.run(command(course), capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "✗ line right/r0 test_shape: failed (0 of 1)" in done.stdout
        assert "stray.txt: not written by release" in done.stdout
        assert kept(done.stdout) == before


def test_after_its_minutes_it_begins_no_answer_and_names_those_left_out(course: Path) -> None:
    shown = verify(course, "--minutes", "0")
    assert graded(shown) == []
    assert f"0 answers, 0 problems; {ANSWERS} left out" in shown
    assert "line, left out: reference, right/r0, right/r1," in shown
