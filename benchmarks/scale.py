"""Ten thousand small distinct submissions through the whole of `autograder grade`.

    python -m benchmarks.scale --submissions 10000
    python -m benchmarks.scale --recorded 100000

An exercise without training, every answer different. Grades a tenth of the class first, for the
memory to compare with; then the whole class, killed in the middle (kill -9) and started again.
Prints submissions a second, peaks of memory of all processes together (PSS, so that shared pages
count once), and the seconds until the second start has its first new result.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.grading.cache_key import Keys
from autograder.grading.journal import NAME, open_journal
from autograder.grading.worklist import Work, Worklist
from autograder.report import csv_file, json_file, student_pages
from autograder.result import Check, Outcome, Result, Status, Visibility
from autograder.submissions.submission import Collected, Submission

MiB = 1 << 20
_SAMPLE_SECONDS = 2.0
SOLUTION = """\
# %% id="imports"
import numpy as np


# %% id="standardize"
def standardize(x):
    ### BEGIN SOLUTION
    return (x - x.mean(axis=0)) / x.std(axis=0)
    ### END SOLUTION
"""
VISIBLE = '''"""Checks students can run."""

import numpy as np

from autograder.checks import points

X = np.random.default_rng(3).normal((1, 5, -3), (1, 10, 0.1), (100, 3))


@points(1)
def test_shape(student):
    """The shape stays as it is"""
    assert student.standardize(X).shape == X.shape, "another shape came back"


@points(1)
def test_mean(student):
    """Every column has mean 0"""
    assert np.allclose(student.standardize(X).mean(axis=0), 0), "a mean is not 0"


@points(1)
def test_deviation(student):
    """Every column has standard deviation 1"""
    assert np.allclose(student.standardize(X).std(axis=0), 1), "a deviation is not 1"
'''
ANSWER = """\
import numpy as np

def standardize(x):
    # {number}
    return (x - x.mean(axis=0)) / x.std(axis=0{extra})
"""


def course(root: Path) -> Path:
    """Write the course."""
    folder = root / "solutions" / "standardize"
    folder.mkdir(parents=True)
    (root / "datasets").mkdir()
    (folder / "solution.py").write_text(SOLUTION)
    (folder / "visible.py").write_text(VISIBLE)
    (folder / "hidden.py").write_text('"""None are hidden."""\n')
    return root


def hand_in(folder: Path, count: int) -> Path:
    """Write a class; a third of it divides by another deviation."""
    for number in range(count):
        path = folder / f"s{number:06}" / "standardize.py"
        path.parent.mkdir(parents=True)
        extra = ", ddof=1" if number % 3 == 0 else ""
        path.write_text(ANSWER.format(number=number, extra=extra))
    return folder


@dataclass(slots=True)
class Run:
    """A run of the command, and its first result, number of results and peak of memory."""

    process: subprocess.Popen[str]
    started: float = field(default_factory=time.perf_counter)
    first: float = 0.0
    graded: int = 0
    peak: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)

    def follow(self, until: int | None = None) -> float:
        """Read the command's output, kill it after `until` results; return results a second."""
        sampler = threading.Thread(target=self._sample)
        sampler.start()
        begun = 0.0
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not re.match(r"\d+/\d+ s\d+ ", line):
                continue
            self.graded += 1
            if self.graded == 1:
                begun = time.perf_counter()
                self.first = begun - self.started
            last = time.perf_counter()
            if self.graded == until:
                os.killpg(self.process.pid, signal.SIGKILL)
                break
        self.process.wait()
        self.ended.set()
        sampler.join()
        return (self.graded - 1) / (last - begun)

    def _sample(self) -> None:
        while not self.ended.wait(_SAMPLE_SECONDS):
            self.peak = max(self.peak, _memory(self.process.pid) / MiB)


def _memory(pid: int) -> int:
    """Return the proportional memory of a process and all below it, in bytes."""
    total = 0
    try:
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            try:
                total += process.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied):  # the process has just ended
                continue
    except psutil.NoSuchProcess:
        return 0
    return total


def start(root: Path, folder: Path, out: Path) -> Run:
    """Start the command."""
    arguments = ["grade", folder, "-o", out, "--root", root]
    command = [sys.executable, "-m", "autograder.cli", *map(str, arguments)]
    return Run(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True))


def recorded(count: int) -> None:
    """Put results of so many distinct submissions through journal and reports, and resume."""
    with tempfile.TemporaryDirectory(prefix="scale-") as place:
        out, keys = Path(place) / "out", Keys(Course(course(Path(place) / "course"), DEMO_KEY))
        digests = (hashlib.sha256(str(number).encode()).hexdigest() for number in range(count))
        collected = Collected(
            tuple(
                Submission(f"s{number:06}", "standardize", f"s{number:06}.py", ".py", digest)
                for number, digest in enumerate(digests)
            ),
            (),
        )
        started = time.perf_counter()
        with open_journal(out / NAME) as journal:
            records = Worklist(collected, keys, journal)
            for work in records.work:
                for _ in records.finish(work, _like(work)):
                    pass
            taken = time.perf_counter() - started
            print(f"{count:,} results finished: {count / taken:.0f} a second", flush=True)
            started = time.perf_counter()
            json_file.write(out, records, version="", environment={})
            csv_file.write(out, records)
            student_pages.write(out, records)
            print(f"all reports: {time.perf_counter() - started:.0f} s", flush=True)
        started = time.perf_counter()
        with open_journal(out / NAME) as journal:
            kept = Worklist(collected, keys, journal).kept
        assert kept == count, f"{kept} of {count} kept"
        print(f"found again: {time.perf_counter() - started:.1f} s", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak {peak:.0f} MiB")


def _like(work: Work) -> Result:
    """Return a result of the usual size."""
    checks = tuple(
        Check(f"test_{n}", f"Check {n} holds", Visibility.HIDDEN, Outcome.FAILED, 0.0, 1.0, "No.")
        for n in range(8)
    )
    submission = work.submissions[0]
    return Result(
        "",
        submission.exercise,
        "",
        submission.sha256,
        "k",
        Status.GRADED,
        checks=checks,
        evidence="x" * 1000,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--recorded", type=int)
    options = parser.parse_args()
    if options.recorded:
        recorded(options.recorded)
    else:
        graded(options.submissions)


def graded(count: int) -> None:
    """Grade a tenth of the class, then all of it, killed in the middle."""
    with tempfile.TemporaryDirectory(prefix="scale-") as place:
        root = course(Path(place) / "course")
        small = start(root, hand_in(Path(place) / "tenth", count // 10), Path(place) / "out1")
        rate = small.follow()
        print(f"{small.graded:,}: {rate:.1f} a second, peak {small.peak:.0f} MiB", flush=True)
        class_ = hand_in(Path(place) / "all", count)
        out = Path(place) / "out"
        cut = start(root, class_, out)
        rate = cut.follow(until=count // 2)
        print(f"{cut.graded:,} until it was killed: {rate:.1f} a second, peak {cut.peak:.0f} MiB")
        again = start(root, class_, out)
        rate = again.follow()
        print(
            f"{again.graded:,} after that: {rate:.1f} a second, peak {again.peak:.0f} MiB; "
            f"first result {again.first:.1f} s after the start"
        )
        rows = len((out / "grades.csv").read_text().splitlines()) - 1
        assert rows == count, f"{rows} of {count} in grades.csv"
        assert cut.graded + again.graded <= count + 2, "graded twice"


if __name__ == "__main__":
    main()
