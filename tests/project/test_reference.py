"""The pages of the reference name what the code has, no more and no less."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course.exercise import Declared, Settings
from autograder.course.manual import Manual
from autograder.limits import Limits
from autograder.report import json_file
from autograder.result import (
    Answer,
    Check,
    Measure,
    Outcome,
    Result,
    Review,
    Status,
    Visibility,
)

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without the table's own head."""
    text = (REFERENCE / page).read_text("utf-8")
    section = re.split(rf"^## {re.escape(heading)}$", text, flags=re.M)[1]
    section = re.split(r"^## ", section, flags=re.M)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def keys(page: str, heading: str) -> list[str]:
    """Return the first column of the table under a heading."""
    return [row[0] for row in rows(page, heading)]


def fields(kind: type) -> list[str]:
    """Return the names that a data class is made of."""
    return list(inspect.signature(kind).parameters)


@pytest.mark.parametrize(
    ("heading", "kind", "elsewhere"),
    [
        ("Settings", Settings, ()),
        ("limits", Limits, ()),
        ("thresholds", Declared, ("name",)),
        ("manual", Manual, ("id",)),
    ],
)
def test_exercise_toml(heading: str, kind: type, elsewhere: Iterable[str]) -> None:
    assert sorted(keys("exercise-toml.md", heading)) == sorted(set(fields(kind)) - set(elsewhere))


def test_the_defaults_of_the_limits() -> None:
    for name, _, default, _ in rows("exercise-toml.md", "limits"):
        assert float(default) == getattr(Limits(), name), name


MEASURE = Measure("unseen_error", 1.0, 2.0)
ANSWER, REVIEW = Answer("text"), Review("well", 0, Outcome.OPEN)
CHECK = Check("test", "Title", Visibility.HIDDEN, Outcome.OPEN, 0, 1, "", "", 0, False, (MEASURE,))
CHECK = replace(CHECK, answer=ANSWER, review=REVIEW)
RESULT = Result("ada", "line", "a.py", "00", "k", Status.GRADED, checks=(CHECK,))


def test_results_json(tmp_path: Path) -> None:
    path = json_file.write(tmp_path, [RESULT], version="1", environment={})
    document = json.loads(path.read_text("utf-8"))
    submission = document["submissions"][0]
    check = submission["checks"][0]
    wanted = {
        "Document": document,
        "Submission": submission,
        "Check": check,
        "Measure": check["measures"][0],
        "Answer": check["answer"],
        "Review": check["review"],
        "Outcomes": list(Outcome),
    }
    for heading, found in wanted.items():
        assert keys("results-json.md", heading) == list(found), heading


@pytest.mark.slow
def test_the_environment_in_results_json(toy_course: Path, tmp_path: Path) -> None:
    answer = tmp_path / "hw" / "ada" / "line.py"
    answer.parent.mkdir(parents=True)
    shutil.copyfile(toy_course / "solutions" / "line" / "solution.py", answer)
    out = tmp_path / "out"
    options = [str(tmp_path / "hw"), "-o", str(out), "--root", str(toy_course)]
    done = CliRunner().invoke(main, ["grade", *options])
    assert done.exit_code == 0, done.output
    environment = json.loads((out / "results.json").read_text("utf-8"))["environment"]
    assert keys("results-json.md", "Environment") == list(environment)
    assert keys("results-json.md", "Isolation") == list(environment["isolation"])


def commands() -> dict[str, click.Command]:
    """Return every command by its name."""
    context = click.Context(main)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def codes() -> dict[str, set[int]]:
    """Return the exit codes of each command on the page."""
    found: dict[str, set[int]] = {}
    for command, code, _ in rows("commands.md", "Exit codes"):
        found.setdefault(command, set()).add(int(code))
    return found


def call(*arguments: str | Path) -> int:
    """Run one command in this process and return its exit code."""
    return CliRunner().invoke(main, [str(one) for one in arguments]).exit_code


def call_apart(*arguments: str | Path) -> int:
    """Run one command in a process of its own: nbgrader keeps hold of what it logs to."""
    command = [sys.executable, "-m", "autograder.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=120).returncode


def test_every_command_has_its_exit_codes() -> None:
    assert codes().keys() == commands().keys()
    assert all({0, 2} <= found for found in codes().values())


@pytest.mark.parametrize("command", sorted(commands()))
def test_a_wrong_call_exits_with_2(command: str) -> None:
    assert call(command, "--no-such-option") == 2


def _not_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")


def _start_twice(tmp: Path, _: Any) -> list[str | Path]:
    (tmp / "visible.py").touch()
    return ["start", "car_price", tmp, "--root", ROOT]


def _unreadable(tmp: Path, _: Any) -> list[str | Path]:
    (tmp / "car_price.ipynb").write_text("{")
    return ["check", tmp / "car_price.ipynb", "--root", ROOT]


def _stub_without_an_end(_: Path, edited: Callable[..., Path]) -> list[str | Path]:
    root = edited(("solution.py", "### END SOLUTION", "### END OF IT"))
    return ["release", "--root", root]


def _half_a_block(tmp: Path, _: Any) -> list[str | Path]:
    assert call_apart("package", "car_price", "--course", tmp, "--root", ROOT) == 0
    configuration = tmp / "nbgrader_config.py"
    lines = configuration.read_text("utf-8").splitlines(keepends=True)
    configuration.write_text("".join(lines[:-1]), "utf-8")
    return ["package", "car_price", "--course", tmp, "--root", ROOT]


def _no_gradebook(tmp: Path, _: Any) -> list[str | Path]:
    return ["export", "--course", tmp, "-o", tmp / "grades.csv"]


ENDS_WITH_1 = {
    "start": _start_twice,
    "check": _unreadable,
    "release": _stub_without_an_end,
    "package": _half_a_block,
    "export": _no_gradebook,
}
NEEDS_LINUX = {
    "grade": ["hw", "-o", "out"],
    "verify": [],
    "calibrate": [],
    "try": ["car_price"],
    "autograde": ["car_price"],
    "doctor": [],
}


@pytest.mark.parametrize("command", ENDS_WITH_1)
def test_what_exits_with_1(
    command: str, tmp_path: Path, edited_course: Callable[..., Path]
) -> None:
    assert 1 in codes()[command]
    assert call_apart(*ENDS_WITH_1[command](tmp_path, edited_course)) == 1


@pytest.mark.parametrize("command", NEEDS_LINUX)
def test_what_needs_linux_exits_with_1_elsewhere(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1 in codes()[command]
    _not_linux(monkeypatch)
    assert call(command, *NEEDS_LINUX[command]) == 1


def test_no_other_command_exits_with_1() -> None:
    assert {name for name, found in codes().items() if 1 in found} == {*ENDS_WITH_1, *NEEDS_LINUX}
