"""Whatever process is killed while a submission is graded, its result is the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from autograder.batch import Grader, grader
from autograder.course import Course
from autograder.data import DEMO_KEY
from autograder.grade import Task
from autograder.result import Result, Status

pytestmark = pytest.mark.slow

SLOW = """
import time
import keras
def scale(values):
    time.sleep(1.5)
    return values / values.max()
def build_model(x_train):
    norm = keras.layers.Normalization()
    norm.adapt(x_train)
    return keras.Sequential([norm, keras.layers.Dense(1, bias_initializer="ones")])
"""


@pytest.fixture(scope="module")
def engine(toy_course: Path) -> Iterator[Grader]:
    """A grader of the toy course."""
    with grader(Course(toy_course, DEMO_KEY)) as started:
        yield started


@pytest.fixture(scope="module")
def undisturbed(engine: Grader) -> Result:
    """What the submission comes to."""
    result = engine.scorer.score(task())
    assert result.score == result.max_score
    return result


def task() -> Task:
    return Task("ada", "line", "line.py", ".py", SLOW.encode(), "")


def running(module: str) -> list[psutil.Process]:
    """Return our descendants that run a module of ours."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if module in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def pythons() -> list[psutil.Process]:
    return [p for p in running("autograder.sandbox.template") if "bwrap" not in p.name()]


def template() -> psutil.Process:
    pids = {p.pid for p in pythons()}
    return next(p for p in pythons() if p.ppid() not in pids)


def student_worker() -> psutil.Process:
    return next(p for p in pythons() if p.ppid() == template().pid)


def checker() -> psutil.Process:
    pids = {p.pid for p in running("autograder.checker")}
    return next(p for p in running("autograder.checker") if p.ppid() not in pids)


def grading() -> psutil.Process:
    return next(p for p in running("autograder.checker") if p.ppid() == checker().pid)


@pytest.mark.parametrize("victim", [template, student_worker, checker, grading])
def test_a_killed_process_costs_nobody_anything(
    engine: Grader,
    undisturbed: Result,
    victim: Callable[[], psutil.Process],
    caplog: pytest.LogCaptureFixture,
) -> None:
    results: list[Result] = []
    thread = threading.Thread(target=lambda: results.append(engine.scorer.score(task())))
    thread.start()
    process = wait_for(victim)
    wait_for(student_worker)
    time.sleep(0.5)  # now the function sleeps
    process.kill()
    thread.join()
    assert told(results[0]) == told(undisturbed)
    assert "ada (line) is graded again, through no fault of theirs" in caplog.text


def test_who_is_done_before_the_slower_reference_is_graded_once(
    edited_course: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    root = edited_course(
        ("exercise.toml", "call_seconds = 4.0", "call_seconds = 0.5"),
        ("solution.py", "    return values", "    __import__('time').sleep(20)\n    return values"),
    )
    with grader(Course(root, DEMO_KEY)) as slow:
        started = time.monotonic()
        result = slow.scorer.score(task())
        taken = time.monotonic() - started
        asked = slow.scorer.references.ask("line", lambda: pytest.fail("it was not asked for"))
        assert not asked.done()
    assert result.score == result.max_score
    assert not caplog.text
    assert taken < 20


def wait_for(victim: Callable[[], psutil.Process]) -> psutil.Process:
    """Return the process as soon as it is there; its grading takes seconds."""
    while True:
        try:
            return victim()
        except (StopIteration, psutil.NoSuchProcess):
            time.sleep(0.01)


def told(result: Result) -> Result:
    """Return a result without its times."""
    checks = tuple(replace(check, seconds=0.0) for check in result.checks)
    return replace(result, seconds=0.0, checks=checks)


@pytest.mark.parametrize(
    "suicide",
    [
        "import os; os.kill(os.getpid(), 9)",
        "import signal; signal.raise_signal(signal.SIGKILL)",
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
        "import ctypes; event = (ctypes.c_int * 16)(0, 0, 9); timer = ctypes.c_void_p(); "
        "made = ctypes.CDLL('librt.so.1', use_errno=True)"
        ".timer_create(1, event, ctypes.byref(timer)); assert not made, 'Operation not permitted'",
    ],
)
def test_a_submission_cannot_pretend_to_have_been_killed(engine: Grader, suicide: str) -> None:
    killing = SLOW.replace("time.sleep(1.5)", suicide)
    result = engine.scorer.score(replace(task(), content=killing.encode()))
    assert result.status is Status.GRADED
    told = result.checks[0].evidence + result.checks[0].message
    assert "not permitted" in told or "not allowed" in told
    assert result.checks[0].points == 0
