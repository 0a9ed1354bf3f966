"""What isolation costs: graded submissions against the bare compute of the same functions.

    python benchmarks/overhead.py [--count 8] [--rounds 3] [--exercise car_price] [--root DIR]

Every submission has a source of its own and nothing is reused between them. "Bare" calls the same
student functions with the same arguments, as often as grading did, in one already warm process with
the same single thread. Graded and bare rounds alternate, so that both see the same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from autograder.batch import grader, run
from autograder.course import Course
from autograder.data import DEMO_KEY
from autograder.exercise import find_root
from autograder.grade import Task
from autograder.sandbox.launch import environment
from autograder.scoring import Scorer


@dataclass(slots=True)
class PrivateMemory:
    """Samples the private memory (USS) of what starts while a block runs; MiB.

    That is the scorer, the student's fork and the evaluator's: the templates they share are older.
    """

    peak: float = 0.0
    _older: frozenset[int] = frozenset()
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def sampled(self) -> Iterator[None]:
        """Sample until the block ends."""
        self._older = frozenset(child.pid for child in _descendants())
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            new = [child for child in _descendants() if child.pid not in self._older]
            self.peak = max(self.peak, sum(map(_private_mib, new)))


def _descendants() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def _private_mib(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().uss) / (1 << 20)
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # it has just ended
        return 0.0


def _tasks(exercise: str, source: str, count: int, tag: str) -> list[Task]:
    return [
        Task(f"s{n}", exercise, f"s{n}.py", ".py", f"{source}\n# {tag} {n}\n".encode(), f"{tag}{n}")
        for n in range(count)
    ]


def _memory(scorer: Scorer, tasks: Sequence[Task]) -> float:
    """Return one worker's peak of private memory in MiB; sampling slows it, so it is not timed."""
    memory = PrivateMemory()
    with memory.sampled():
        _graded(scorer, tasks, workers=1)
    return memory.peak


def _graded(scorer: Scorer, tasks: Sequence[Task], workers: int) -> float:
    """Return the seconds that grading these tasks took."""
    started = time.perf_counter()
    results = [result for _, result in run(tasks, scorer.score, workers)]
    taken = time.perf_counter() - started
    short = [r for r in results if r.score < r.max_score]
    if short:
        raise SystemExit(f"not full marks, so not the same work: {short[0]}")
    return taken


@dataclass(slots=True)
class Bare:
    """A warm process that runs the student's functions and nothing else."""

    process: subprocess.Popen[str]

    def seconds(self) -> float:
        """Run all calls of one grading and return what they took."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return float(json.loads(self.process.stdout.readline()))


@contextmanager
def _bare(root: Path, exercise: str) -> Iterator[Bare]:
    script = Path(__file__).with_name("bare.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(root), exercise],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(),
    )
    try:
        yield Bare(process)
    finally:
        process.kill()
        process.wait()


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f}  ({min(values):.2f} – {max(values):.2f})"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--exercise", default="car_price")
    parser.add_argument("--root", type=Path, default=Path.cwd())
    options = parser.parse_args()
    course = Course(find_root(options.root.resolve()).path, DEMO_KEY)
    source = course.place.exercise(options.exercise).solution.read_text("utf-8")
    started = time.perf_counter()
    warm: list[float] = []
    bare_seconds: list[float] = []
    with grader(course) as engine, _bare(course.root, options.exercise) as bare:
        engine.scorer.score(_tasks(options.exercise, source, 1, "cold")[0])
        cold = time.perf_counter() - started
        bare.seconds()  # its own first run, traces and all
        for round_ in range(options.rounds):
            tasks = _tasks(options.exercise, source, options.count, f"round {round_}")
            warm.append(_graded(engine.scorer, tasks, workers=1) / options.count)
            bare_seconds.append(statistics.fmean(bare.seconds() for _ in range(options.count)))
        memory = _memory(engine.scorer, _tasks(options.exercise, source, 2, "memory"))
    table = Table(title=f"{options.exercise}: {options.rounds} rounds of {options.count}")
    table.add_column("what")
    table.add_column("median (min – max)", justify="right")
    table.add_row("cold start with the first result, s", f"{cold:.1f}")
    table.add_row("graded, s a submission", _spread(warm))
    table.add_row("bare compute, s a submission", _spread(bare_seconds))
    ratios = [graded / bare for graded, bare in zip(warm, bare_seconds, strict=True)]
    table.add_row("ratio", _spread(ratios))
    table.add_row("private memory of a worker, MiB", f"{memory:.0f}")
    table.caption = f"one thread a worker, {os.cpu_count()} processors"
    Console().print(table)


if __name__ == "__main__":
    main()
