"""Whatever process is killed while a submission is graded, its result is the same."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.grading.scorer import Scorer
from autograder.grading.site import open_scorer
from autograder.grading.task import Task
from autograder.result import Result, Status
from autograder.sandbox.warm import VARIABLE

pytestmark = pytest.mark.slow
T = TypeVar("T")

SLOW = """
import time
import keras
def scale(values):
    open("running", "w").close()
    time.sleep(1.5)
    return values / values.max()
def build_model(x_train):
    norm = keras.layers.Normalization()
    norm.adapt(x_train)
    return keras.Sequential([norm, keras.layers.Dense(1, bias_initializer="ones")])
"""


def descendants() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


@dataclass(frozen=True)
class Processes:
    """What runs below this process, but for what other tests have left running in it."""

    older: frozenset[int]

    def template(self) -> psutil.Process:
        """The template itself, not the bubblewrap around it."""
        return self._first("autograder.worker.main")

    def student_worker(self) -> psutil.Process:
        """A fork of the template."""
        return self.template().children()[0]

    def checker(self) -> psutil.Process:
        """The process that has collected the checks."""
        return self._first("autograder.grading.check_server")

    def grading(self) -> psutil.Process:
        """Its fork for one submission."""
        return self.checker().children()[0]

    def _first(self, module: str) -> psutil.Process:
        """Return the oldest process that runs a module of ours; its forks have the same name."""
        found = [
            process
            for process in descendants()
            if process.pid not in self.older
            and process.status() != psutil.STATUS_ZOMBIE
            and module in process.cmdline()
            and "bwrap" not in process.name()
        ]
        return min(found, key=lambda process: process.create_time())


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    """What `scorer` starts: comes before it, and has it start a template of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(VARIABLE, raising=False)
        yield Processes(frozenset(process.pid for process in descendants()))


@pytest.fixture(scope="module")
def scorer(processes: Processes, toy_course: Path) -> Iterator[Scorer]:
    """A scorer of the toy course."""
    del processes
    with open_scorer(Course(toy_course, DEMO_KEY)) as started:
        yield started


@pytest.fixture(scope="module")
def undisturbed(scorer: Scorer) -> Result:
    """What the submission comes to."""
    result = scorer.score(task())
    assert result.score == result.max_score
    return result


def task(marker: str = "running") -> Task:
    """Return a submission whose function makes a file of this name in its scratch folder."""
    content = SLOW.replace("running", marker).encode()
    return Task(exercise="line", content=content, suffix=".py", model=b"", student="ada")


@pytest.mark.parametrize("victim", ["template", "student_worker", "checker", "grading"])
def test_a_killed_process_costs_nobody_anything(
    scorer: Scorer,
    undisturbed: Result,
    processes: Processes,
    victim: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    results: list[Result] = []
    marker = f"{victim}.running"
    thread = threading.Thread(target=lambda: results.append(scorer.score(task(marker))))
    thread.start()
    # Only once the function sleeps is it sure which processes are those of this submission.
    wait_for(lambda: next(Path(scorer.station.scratch_root).rglob(marker)), thread)
    wait_for(getattr(processes, victim), thread).kill()
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
    spin = "end = time.process_time() + 1.5\n    while time.process_time() < end: pass"
    computing = SLOW.replace("time.sleep(1.5)", spin)
    with open_scorer(Course(root, DEMO_KEY)) as slow:
        result = slow.score(replace(task(), content=computing.encode()))
        asked = slow.references.ask("line", lambda: pytest.fail("it was not asked for"))
        assert not asked.done()
    assert result.score == result.max_score
    assert not caplog.text


def wait_for(find: Callable[[], T], grading: threading.Thread) -> T:
    """Return what `find` finds, as soon as it finds something; the grading takes seconds."""
    while grading.is_alive():
        with contextlib.suppress(
            IndexError, ValueError, StopIteration, FileNotFoundError, psutil.NoSuchProcess
        ):
            return find()
        time.sleep(0.01)
    raise AssertionError("it was graded before anything could be killed")


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
def test_a_submission_cannot_pretend_to_have_been_killed(scorer: Scorer, suicide: str) -> None:
    killing = SLOW.replace("time.sleep(1.5)", suicide)
    result = scorer.score(replace(task(), content=killing.encode()))
    assert result.status is Status.GRADED
    told = result.checks[0].evidence + result.checks[0].message
    assert "not permitted" in told or "not allowed" in told
    assert result.checks[0].points == 0
