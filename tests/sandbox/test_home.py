"""What a command leaves when it is killed outright: no worker, and no folder for long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.sandbox.home import home

HOSTILE = Path(__file__).parents[1] / "hostile" / "outlives_its_command.py"
HOLDS = """
from autograder.sandbox.home import home
with home() as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    input()
"""
RUNS = """
import sys, tempfile
from pathlib import Path
from autograder.limits import Limits
from autograder.sandbox.allowance import ProcessorSeconds
from autograder.sandbox.launch import station
from autograder.sandbox.process import Worker

code = Path(sys.argv[1]).read_text()
with station(use_bubblewrap=False) as place, place.lease() as lease:
    scratch = Path(tempfile.mkdtemp(dir=lease.scratch_root))
    worker = Worker(lease, lease.spawn("student", scratch, Limits()), Limits(), scratch)
    print(worker._host_pid, Path(place.scratch_root).parent, scratch, flush=True)
    worker.ask(
        {"op": "load", "cells": [{"source": code, "skip": False}], "seed": 0,
         "cell_seconds": 60.0, "total_seconds": 60.0, "record": False},
        ProcessorSeconds(100, 1.0),
    )
"""


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder in which no other command lies."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def _holding() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as command:
        assert command.stdout is not None
        yield command, Path(command.stdout.readline().strip())
        command.kill()


def test_the_next_command_removes_the_folder_of_one_that_was_killed() -> None:
    with _holding() as (command, folder):
        assert (folder / "file").exists()
        command.kill()
        command.wait()
    assert folder.exists()
    with home():
        assert not folder.exists()


def test_the_folder_of_a_running_command_stays() -> None:
    with _holding() as (_, folder):
        for _ in range(3):
            with home() as own:
                assert own != folder
                assert (folder / "file").exists()
            assert not own.exists()


def test_what_no_command_made_stays(own_temporary_folder: Path) -> None:
    secret = own_temporary_folder / "secret"
    secret.mkdir()
    (secret / "held").touch()
    (own_temporary_folder / "autograder-link").symlink_to(secret)
    (own_temporary_folder / "autograder-file").touch()
    (own_temporary_folder / "autograder-new").mkdir()
    linked = own_temporary_folder / "autograder-linked"
    linked.mkdir()
    (linked / "held").symlink_to(secret / "held")
    before = set(own_temporary_folder.rglob("*"))
    with home():
        pass
    assert set(own_temporary_folder.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_ends_with_a_command_that_is_killed_without_bubblewrap() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUNS, str(HOSTILE)], stdout=subprocess.PIPE, text=True
    ) as command:
        assert command.stdout is not None
        pid, folder, scratch = command.stdout.readline().split()
        assert _within(60, Path(scratch, "running").exists)  # the hostile code has run
        command.send_signal(signal.SIGKILL)
    try:
        assert _within(2, lambda: _is_gone(pid))
    finally:
        if not _is_gone(pid):
            os.kill(int(pid), signal.SIGKILL)
    with home():
        assert not Path(folder).exists()


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Tell whether a condition holds, or comes to hold within these seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _is_gone(pid: str) -> bool:
    """Tell whether a process has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"
