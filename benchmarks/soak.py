"""Grades honest and hostile submissions for a given time, and reports processes or files left over.

    python -m benchmarks.soak --minutes 60

Two workers grade submissions in turn: honest submissions, endless loops, exits, floods of output,
files and memory, threads, attempts at other processes. Between rounds, when nothing is under way,
it counts processes, open files, files in scratch folders and resident memory of every process that
stays. Exits 1 when a count has grown since the second round.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.grading.batch import run
from autograder.grading.scorer import Scorer
from autograder.grading.site import open_scorer
from autograder.grading.task import Task
from autograder.result import Status
from benchmarks import homework

_MiB = 1 << 20
_SLACK = 8.0  # MiB a process may breathe
_LIMITS = """\
[limits]
call_seconds = 4.0
load_seconds = 4.0
cell_seconds = 2.0
memory = 734003200
output = 1048576
disk = 8388608
threads = 64
"""
HOSTILE = {
    "endless": "while True: pass",
    "leaves": "import os; os._exit(0)",
    "dies": "import ctypes; ctypes.string_at(0)",
    "prints": "print('x' * 10**8)",
    "fills": "open('big', 'wb').write(bytes(10**8))",
    "many": "[open(f'f{n}', 'w').write('x') for n in range(10**5)]",
    "eats": "held = bytearray(b'1') * (1 << 30)",
    "threads": "import threading, time\n"
    "    [threading.Thread(target=time.sleep, args=(60,)).start() for _ in range(200)]",
    "kills": "import os; os.kill(os.getppid(), 9)",
    "forks": "import os; os.fork()",
    "closes": "import os; os.closerange(3, 1000)",
}


def answers() -> dict[str, str]:
    """Return submissions by name: honest submissions train, hostile submissions attack instead."""
    bodies = {f"honest {n}": homework.answer(n, 8) for n in range(4)}
    for name, source in HOSTILE.items():
        build, _, _ = homework.answer(0, 1).partition("def train")
        bodies[name] = f"{build}def train(model):\n    {source}\n    return model"
    return {name: f"{homework.IMPORTS}\n\n{answer}\n" for name, answer in bodies.items()}


@dataclass(frozen=True, slots=True)
class State:
    """Counts while no submission is graded; memory in MiB."""

    processes: int
    descriptors: int
    files: int
    memory: float


def state(scratch: Path) -> State:
    """Return the counts, a second after workers were ended."""
    time.sleep(1.0)
    own = psutil.Process()
    all_ = [own, *own.children(recursive=True)]
    return State(
        processes=len(all_),
        descriptors=sum(process.num_fds() for process in all_),
        files=sum(1 for _ in scratch.rglob("*")),
        memory=sum(process.memory_full_info().rss for process in all_) / _MiB,
    )


def grade_round(scorer: Scorer, number: int) -> dict[Status, int]:
    """Grade every answer, with a new source in each round; return the number of each status."""
    tasks = [
        Task(
            exercise=homework.NAME,
            content=f"{source}# {number}\n".encode(),
            suffix=".py",
            model=b"",
            student=name,
            source="net.py",
        )
        for name, source in answers().items()
    ]
    counts = dict.fromkeys(Status, 0)
    for task, result in run(tasks, scorer.score, 2):
        counts[result.status] += 1
        full = result.score == result.max_score
        if task.student.startswith("honest") != full:
            raise SystemExit(f"{task.student}: {result}")
    return counts


def main() -> int:
    """Grade until the time is over; print the first and the last state."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    seconds = 60 * parser.parse_args().minutes
    states: list[State] = []
    graded = 0
    with tempfile.TemporaryDirectory(prefix="soak-") as place:
        course: Course = homework.course(Path(place) / "course")
        settings = course.place.exercise(homework.NAME).authored / "exercise.toml"
        settings.write_text(f"{settings.read_text()}\n{_LIMITS}")
        started = time.monotonic()
        with open_scorer(Course(course.root, DEMO_KEY)) as scorer:
            while time.monotonic() - started < seconds or len(states) < 3:
                counts = grade_round(scorer, len(states))
                graded += sum(counts.values())
                assert not counts[Status.GRADER_ERROR], counts
                states.append(state(Path(scorer.station.scratch_root)))
                print(len(states), graded, states[-1], flush=True)
    return report(states, graded)


def report(states: list[State], graded: int) -> int:
    """Print the table; return 1 where a count or the memory has grown."""
    first, last = states[1], states[-1]
    table = Table(title=f"{graded:,} submissions in {len(states)} rounds")
    for column in ("", "after round 2", "at the end", "most"):
        table.add_column(column, justify="right")
    for name in ("processes", "descriptors", "files", "memory"):
        values = [getattr(moment, name) for moment in states]
        cells = (getattr(first, name), getattr(last, name), max(values))
        table.add_row(name, *(f"{cell:,.0f}" for cell in cells))
    Console().print(table)
    counts = ("processes", "descriptors", "files")
    grown = any(getattr(last, name) > getattr(first, name) for name in counts)
    return int(grown or last.memory > first.memory + _SLACK * last.processes)


if __name__ == "__main__":
    sys.exit(main())
