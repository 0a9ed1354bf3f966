"""Every command shows a fault of the course as a sentence, with exit code 2."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import main

SETTINGS, CATALOGUE = "solutions/line/exercise.toml", "datasets/cars/dataset.toml"
COMMANDS = (
    "grade {work} -o {work}/out --root {course}",
    "release --root {course}",
    "verify --root {course}",
    "calibrate --root {course}",
    "package line --course {work}/nbgrader --root {course}",
)


@pytest.fixture
def course(toy_course: Path, tmp_path: Path) -> Path:
    """A copy of the toy course."""
    root = tmp_path / "course"
    shutil.copytree(toy_course, root)
    return root


def call(command: str, course: Path, work: Path) -> tuple[int, str]:
    arguments = command.format(course=course, work=work).split()
    done = CliRunner().invoke(main, arguments)
    assert isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (SETTINGS, "memory", "memmory", "unknown settings ['memmory'] in limits; known: call_se"),
        (SETTINGS, "4.0", "'4'", "limits.call_seconds: expected `float`, got `str`, not '4'"),
        (
            CATALOGUE,
            "held_out =",
            "heldout =",
            "unknown settings ['heldout']; known: arrays, drop, file",
        ),
        (SETTINGS, '["cars"]', '["crs"]', "no data set named 'crs'"),
        (
            "datasets/cars/toyota_corolla.csv",
            "13500,23",
            "13k5,23",
            "line 2, column 'Price': '13k5' is no number",
        ),
        (CATALOGUE, "[arrays]", "[arrays", "Expected ']' at the end of a table declaration"),
    ],
)
def test_a_typo_is_told_with_its_file(
    course: Path, tmp_path: Path, command: str, file: str, old: str, new: str, words: str
) -> None:
    path = course / file
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    work = tmp_path / "work"
    work.mkdir()
    (work / "ada_line.py").write_text("x = 1\n")
    code, output = call(command, course, work)
    assert (code, output[:7]) == (2, "Error: "), output
    assert words in output
    assert path.name in output or "bikes, cars, digits" in output


def measure_size(course: Path) -> None:
    """Write a check that measures the threshold `size`."""
    with (course / "solutions" / "line" / "hidden.py").open("a", encoding="utf-8") as file:
        file.write(
            '\n\n@points(1)\ndef test_size(thresholds):\n    """Size"""\n'
            '    assert thresholds.measure("size", 1.0).met, "too large"\n'
        )


def test_a_weak_answer_that_does_not_exist_is_told(course: Path, tmp_path: Path) -> None:
    path = course / SETTINGS
    table = "\n[thresholds.size]\nbetter = 'lower'\nwhat = 'size'\nweak = ['large']\n"
    path.write_text(path.read_text("utf-8") + table, "utf-8")
    measure_size(course)
    code, output = call("calibrate --root {course}", course, tmp_path)
    assert code == 2
    assert "line: no such wrong answers: large; there: halved" in output


@pytest.mark.parametrize(
    "command", ["release --root {course}", "calibrate --from-file --root {course}"]
)
def test_a_calibration_of_another_schema_is_told(
    course: Path, tmp_path: Path, command: str
) -> None:
    (course / "solutions/line/calibration.json").write_text('{"schema": 7}')
    toml = course / SETTINGS
    table = "\n[thresholds.size]\nbetter = 'lower'\nwhat = 'size'\nvalue = 1\n"
    toml.write_text(toml.read_text("utf-8") + table, "utf-8")
    measure_size(course)
    code, output = call(command, course, tmp_path)
    assert code == 2
    assert "calibration.json: schema 7 is not 1: run autograder calibrate" in output
