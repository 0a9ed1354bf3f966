"""Commands below `autograder warm` share a sandbox, and start their own where it does not fit."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from autograder.sandbox import warm as shared
from autograder.sandbox.launch import station
from autograder.sandbox.probe import probe
from autograder.sandbox.warm import VARIABLE, shared_station, warm_station

AUTOGRADER = [sys.executable, "-m", "autograder.cli"]
ANSWER = "def scale(values):\n    return values / values.max()\n"


@pytest.mark.slow
def test_a_shared_sandbox_is_used_and_keeps_in_what_its_own_would(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with shared_station() as variables:
        monkeypatch.setenv(VARIABLE, variables[VARIABLE])
        with warm_station() as first, warm_station() as second:
            assert first == second
            assert first.address == json.loads(variables[VARIABLE])["address"]
        assert probe(first, tmp_path).sufficient  # the end of a user is not the end of the sandbox
    assert not Path(first.address).exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda where: {**where, "started_as": "another"}, "other code or libraries"),
        (lambda where: {**where, "address": "/nowhere"}, "has ended"),
        (lambda where: {"address": where["address"]}, "is left aside"),
        (lambda where: [where], "is left aside"),
    ],
)
def test_a_sandbox_that_does_not_fit_is_left_aside_aloud(
    change: Callable[[Mapping[str, str]], object],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with station() as place:  # its template is never asked for a worker
        where = {
            "address": place.address,
            "scratch_root": place.scratch_root,
            "started_as": shared._fingerprint(),
        }
        monkeypatch.setenv(VARIABLE, json.dumps(where))
        with warm_station() as same:
            assert same == place
        monkeypatch.setenv(VARIABLE, json.dumps(change(where)))
        with caplog.at_level(logging.WARNING), warm_station() as other:
            assert other != place
    assert said in caplog.text


@pytest.mark.slow
@pytest.mark.usefixtures("cold")
def test_commands_below_it_come_to_the_same(
    toy_course: Path, tmp_path: Path, ends: Callable[[int], bool]
) -> None:
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / "line.py").write_text(ANSWER)
    grade = [*AUTOGRADER, "grade", str(tmp_path / "class"), "--root", str(toy_course), "-o"]
    script = tmp_path / "both.sh"
    quoted = " ".join(f"'{word}'" for word in grade)
    script.write_text(f"set -e\n{quoted} one\n{quoted} two\nexit 7\n")
    process = subprocess.Popen(
        [*AUTOGRADER, "warm", "sh", str(script)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    shown, errors = process.communicate(timeout=200)
    assert process.returncode == 7, shown + errors
    assert not errors
    assert ends(process.pid), "processes are left behind"
    subprocess.run([*grade, "cold"], cwd=tmp_path, check=True, capture_output=True)
    assert scores(tmp_path / "one") == scores(tmp_path / "two") == scores(tmp_path / "cold")


def scores(out: Path) -> list[tuple[str, str, float]]:
    """Return each check's id, outcome and points."""
    (result,) = json.loads((out / "results.json").read_text("utf-8"))["submissions"]
    assert result["status"] == "graded"
    return [(check["id"], check["outcome"], check["points"]) for check in result["checks"]]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command below `autograder warm`."""
    return subprocess.run(
        [*AUTOGRADER, "warm", *command], capture_output=True, text=True, timeout=100, check=False
    )


def test_the_exit_code_is_that_of_the_command() -> None:
    assert run("sh", "-c", "exit 3").returncode == 3
    assert run("sh", "-c", "kill -9 $$").returncode == 128 + signal.SIGKILL
    missing = run("no-such-command")
    assert missing.returncode == 2
    assert "no-such-command is no program" in missing.stderr


def test_without_a_command_it_runs_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")
    done = subprocess.run(
        [*AUTOGRADER, "warm"],
        input=f"echo ${VARIABLE}\n",
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
        env=dict(os.environ),
    )
    assert set(json.loads(done.stdout)) == {"address", "scratch_root", "started_as"}
