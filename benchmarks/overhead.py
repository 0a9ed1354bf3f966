"""What isolation costs: graded submissions against the bare compute of the same functions.

    python -m benchmarks.overhead [--count 4] [--rounds 3] [--exercise car_price] [--root DIR]

Every submission has a source of its own and nothing is reused between them. "Bare" calls the same
student functions with the same arguments, as often as grading did, in an already warm process with
the same single thread. Both work alone and with a worker on each processor: two networks that train
at once slow each other down on any machine. All four measurements alternate, so that they see the
same machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import find_root
from autograder.grading.batch import run
from autograder.grading.scorer import Scorer
from autograder.grading.site import open_scorer
from autograder.grading.task import Task
from autograder.sandbox.launch import environment
from benchmarks.turns import spread


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
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # the process has just ended
        return 0.0


def _tasks(exercise: str, source: str, count: int, tag: str) -> list[Task]:
    return [
        Task(
            exercise=exercise,
            content=f"{source}\n# {tag} {n}\n".encode(),
            suffix=".py",
            model=b"",
            student=f"s{n}",
            source=f"s{n}.py",
            sha256=f"{tag}{n}",
        )
        for n in range(count)
    ]


def _memory(scorer: Scorer, tasks: Sequence[Task]) -> float:
    """Return a worker's peak of private memory in MiB; sampling slows it, so it is not timed."""
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
        """Run all calls of a grading and return their seconds."""
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


@dataclass(slots=True)
class Rounds:
    """Seconds of a lane for a submission, graded and bare, by the number of lanes at work."""

    graded: dict[int, list[float]] = field(default_factory=dict)
    bare: dict[int, list[float]] = field(default_factory=dict)

    def take(self, scorer: Scorer, tasks: Sequence[Task], bare: Sequence[Bare]) -> None:
        """Grade the tasks in as many lanes as there are bare processes, and run these as often."""
        lanes, each = len(bare), len(tasks) // len(bare)
        taken = _graded(scorer, tasks, lanes)
        self.graded.setdefault(lanes, []).append(taken * lanes / len(tasks))
        with ThreadPoolExecutor(lanes) as pool:
            spent = list(
                pool.map(lambda process: sum(process.seconds() for _ in range(each)), bare)
            )
        self.bare.setdefault(lanes, []).append(sum(spent) / len(tasks))

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield the rows of the table: a text and a value."""
        for lanes, graded in self.graded.items():
            several = "one worker" if lanes == 1 else f"{lanes} workers, each"
            ratios = [a / b for a, b in zip(graded, self.bare[lanes], strict=True)]
            yield f"{several}: graded, s a submission", spread(graded)
            yield f"{several}: bare compute, s a submission", spread(self.bare[lanes])
            yield f"{several}: ratio", spread(ratios)
        for name, seconds in (("graded", self.graded), ("bare", self.bare)):
            for lanes in seconds.keys() - {1}:
                pairs = zip(seconds[1], seconds[lanes], strict=True)
                faster = [lanes * alone / together for alone, together in pairs]
                yield f"{lanes} workers are so many times as fast as one, {name}", spread(faster)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=4, help="a round, for each worker alike")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--exercise", default="car_price")
    parser.add_argument("--root", type=Path, default=Path.cwd())
    options = parser.parse_args()
    course = Course(find_root(options.root.resolve()).path, DEMO_KEY)
    source = course.place.exercise(options.exercise).solution.read_text("utf-8")
    lanes = len(os.sched_getaffinity(0))
    count = max(1, options.count // lanes) * lanes
    rounds = Rounds()
    started = time.perf_counter()
    with open_scorer(course) as scorer, ExitStack() as stack:
        scorer.score(_tasks(options.exercise, source, 1, "cold")[0])
        cold = time.perf_counter() - started
        bare = [stack.enter_context(_bare(course.root, options.exercise)) for _ in range(lanes)]
        for process in bare:
            process.seconds()  # its first run, in which TensorFlow traces functions
        for number in range(options.rounds):
            for some in {1, lanes}:
                tasks = _tasks(options.exercise, source, count, f"round {number}, {some}")
                rounds.take(scorer, tasks, bare[:some])
        memory = _memory(scorer, _tasks(options.exercise, source, 2, "memory"))
    table = Table(title=f"{options.exercise}: {options.rounds} rounds of {count}")
    table.add_column("what")
    table.add_column("median (min – max)", justify="right")
    table.add_row("cold start with the first result, s", f"{cold:.1f}")
    for row in rounds.rows():
        table.add_row(*row)
    table.add_row("private memory of a worker, MiB", f"{memory:.0f}")
    table.caption = f"one thread a worker, {lanes} processors"
    Console().print(table)


if __name__ == "__main__":
    main()
