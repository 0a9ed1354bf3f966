"""Whatever is lost on the way, a batch comes to the same results, and grades nothing twice."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from autograder.grading.journal import open_journal

pytestmark = pytest.mark.slow

SCALE = """
import pathlib, numpy as np
def scale(values):
    # {number}
    __import__("time").sleep({seconds})
    return values / values.max()
"""
ANSWERS = {f"s{n}": SCALE.format(number=n, seconds=0.4) for n in range(8)}


def hand_in(folder: Path, answers: dict[str, str]) -> Path:
    """Write a class: STUDENT/line.py each."""
    for student, answer in answers.items():
        (folder / student).mkdir(parents=True, exist_ok=True)
        (folder / student / "line.py").write_text(answer, "utf-8")
    return folder


def command(course: Path, folder: Path, out: Path, *options: str) -> list[str]:
    arguments = ["grade", folder, "-o", out, "--root", course, "--workers", 2, *options]
    return [sys.executable, "-m", "autograder.cli", *map(str, arguments)]


def run(course: Path, folder: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        command(course, folder, out, *options),
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
        env={**os.environ, "COLUMNS": "120"},
    )


def submissions(out: Path) -> list[dict[str, Any]]:
    """Return what results.json says of submissions, but for times."""
    text = re.sub(r"0x[0-9a-f]{6,}", "0x", (out / "results.json").read_text("utf-8"))
    found: list[dict[str, Any]] = json.loads(text)["submissions"]
    for result in found:
        del result["seconds"]
        for check in result["checks"]:
            del check["seconds"]
    return found


def graded(shown: str) -> list[str]:
    """Return whose submissions a run has graded."""
    return re.findall(r"^\d+/\d+ (\S+) line:", shown, re.MULTILINE)


@pytest.fixture(scope="module")
def whole(toy_course: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The results of an undisturbed run."""
    place = tmp_path_factory.mktemp("whole")
    assert run(toy_course, hand_in(place / "class", ANSWERS), place / "out").returncode == 0
    return submissions(place / "out")


@pytest.mark.usefixtures("cold")
def test_after_a_kill_the_same_command_goes_on(
    toy_course: Path, tmp_path: Path, whole: list[dict[str, Any]], ends: Callable[[int], bool]
) -> None:
    folder, out = hand_in(tmp_path / "class", ANSWERS), tmp_path / "out"
    process = subprocess.Popen(
        command(toy_course, folder, out), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    shown = "".join(process.stdout.readline() for _ in range(3))
    process.send_signal(signal.SIGKILL)
    shown += process.stdout.read()
    process.wait()
    before = graded(shown)
    assert 3 <= len(before) < len(ANSWERS)
    assert ends(process.pid), "processes are left behind"
    again = run(toy_course, folder, out)
    assert again.returncode == 0, again.stderr
    kept = int(re.findall(r"(\d+) graded before and kept", again.stdout)[0])
    # What was finished but not yet reported when the kill came may be kept as well.
    assert len(before) <= kept <= len(before) + 1
    assert not set(before) & set(graded(again.stdout))
    assert len(graded(again.stdout)) == len(ANSWERS) - kept
    assert submissions(out) == whole


def test_what_is_finished_is_not_graded_again_until_something_changes(
    toy_course: Path, tmp_path: Path
) -> None:
    course = tmp_path / "course"
    shutil.copytree(toy_course, course)
    answers = {"ada": SCALE.format(number=1, seconds=0), "zoe": SCALE.format(number=2, seconds=0)}
    answers["bea"] = answers["ada"]
    folder, out = hand_in(tmp_path / "class", answers), tmp_path / "out"
    first = run(course, folder, out)
    assert "1 identical to another and graded once with it." in first.stdout
    assert {result["student"]: result["cached"] for result in submissions(out)} == {
        "ada": False,
        "bea": True,
        "zoe": False,
    }
    complete = submissions(out)
    own = ("student", "source", "cached")
    ada, bea = ({k: v for k, v in result.items() if k not in own} for result in complete[:2])
    assert ada == bea
    second = run(course, folder, out)
    assert "3 graded before and kept (--fresh grades them again)." in second.stdout
    assert graded(second.stdout) == []
    assert submissions(out) == complete
    hand_in(folder, {"zoe": SCALE.format(number=3, seconds=0)})
    assert graded(run(course, folder, out).stdout) == ["zoe"]
    with (course / "solutions" / "line" / "hidden.py").open("a") as file:
        file.write("\n# another word\n")
    third = run(course, folder, out)
    assert sorted(graded(third.stdout)) == ["ada", "bea", "zoe"]
    assert graded(run(course, folder, out, "--fresh").stdout) != []


def test_what_our_own_fault_left_ungraded_is_tried_again(toy_course: Path, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(toy_course, course)
    conftest = course / "solutions" / "line" / "conftest.py"
    sound = conftest.read_text("utf-8")
    flag = tmp_path / "flag"
    conftest.write_text(f"{sound}\nassert open({str(flag)!r}).read()\n", "utf-8")
    folder, out = hand_in(tmp_path / "class", {"ada": ANSWERS["s0"]}), tmp_path / "out"
    failed = run(course, folder, out)
    assert failed.returncode == 3
    assert submissions(out)[0]["status"] == "grader_error"
    flag.write_text("here")  # the same checks, the same submission: only the fault is gone
    again = run(course, folder, out)
    assert again.returncode == 0
    assert "kept" not in again.stdout
    assert submissions(out)[0]["status"] == "graded"


def test_a_second_run_beside_the_first_is_told_to_wait(toy_course: Path, tmp_path: Path) -> None:
    folder, out = hand_in(tmp_path / "class", {"ada": ANSWERS["s0"]}), tmp_path / "out"
    with open_journal(out / "journal.db"):
        beside = run(toy_course, folder, out)
    assert beside.returncode == 3
    assert "another run is writing to it" in beside.stderr


def test_a_cluster_comes_to_the_same_though_a_worker_is_lost(
    toy_course: Path, tmp_path: Path, whole: list[dict[str, Any]]
) -> None:
    folder, out = hand_in(tmp_path / "class", ANSWERS), tmp_path / "out"
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        options = ("--dask", cluster.scheduler_address)
        process = subprocess.Popen(
            command(toy_course, folder, out, *options), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        shown = process.stdout.readline()
        lost = next(iter(cluster.workers.values())).pid
        os.kill(lost, signal.SIGKILL)
        shown += process.communicate(timeout=200)[0]
    assert process.returncode == 0, shown
    assert len(graded(shown)) == len(ANSWERS)
    assert submissions(out) == whole


def test_a_cluster_whose_workers_come_later_is_waited_for_aloud(
    toy_course: Path, tmp_path: Path
) -> None:
    folder, out = hand_in(tmp_path / "class", {"ada": ANSWERS["s0"]}), tmp_path / "out"
    with LocalCluster(n_workers=0, dashboard_address=None, host="127.0.0.1") as cluster:
        process = subprocess.Popen(
            command(toy_course, folder, out, "--dask", cluster.scheduler_address),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert "has no worker yet" in process.stdout.readline()
        cluster.scale(1)
        shown = process.communicate(timeout=200)[0]
    assert process.returncode == 0, shown
    assert graded(shown) == ["ada"]


@contextmanager
def dask(role: str, *options: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Dask scheduler or worker for the length of the block."""
    arguments = [role, "--no-dashboard", *map(str, options)]
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_cluster_that_is_lost_costs_nothing_that_is_finished(
    toy_course: Path, tmp_path: Path
) -> None:
    folder, out = hand_in(tmp_path / "class", ANSWERS), tmp_path / "out"
    file = tmp_path / "scheduler.json"
    with (
        dask("scheduler", "--host", "127.0.0.1", "--port", 0, "--scheduler-file", file) as lost,
        dask("worker", "--scheduler-file", file, "--nthreads", 1),
    ):
        while not file.exists() and lost.poll() is None:
            time.sleep(0.1)
        address = json.loads(file.read_text("utf-8"))["address"]
        process = subprocess.Popen(
            command(toy_course, folder, out, "--dask", address),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        shown = next(line for line in process.stdout if line.startswith("1/8"))
        lost.kill()
        rest, errors = process.communicate(timeout=200)
    assert process.returncode == 3, errors
    assert "The cluster was lost" in rest
    assert not errors
    assert {result["student"] for result in submissions(out)} == set(graded(shown + rest))


def test_a_cluster_that_is_not_there_is_named(toy_course: Path, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "class", {"ada": ANSWERS["s0"]})
    nowhere = run(toy_course, folder, tmp_path / "out", "--dask", "tcp://127.0.0.1:9")
    assert nowhere.returncode == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in nowhere.stderr
