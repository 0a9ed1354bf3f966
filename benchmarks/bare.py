"""The bare process of overhead.py: runs the calls of a grading for each line that it reads.

Counts only the time inside the student's functions. The checks that call these functions run in
this process as well; their own time does not count.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from autograder.checks import thresholds
from autograder.course.course import Course, demo_sources
from autograder.course.datasets import DEMO_KEY
from autograder.notebooks import reader
from autograder.proxies.in_process import LocalEvaluator, LocalStudent
from autograder.proxies.student import Student
from autograder.result import Outcome
from autograder.runner.plugin import Fixtures, Shared, run_checks
from autograder.worker.seeds import Entropy
from autograder.worker.shell import Shell
from autograder.worker.student import StudentWorker


def _timed(function: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            spent.append(time.perf_counter() - started)

    return call


def _defined_here(shell: Shell) -> list[str]:
    functions = {n: f for n, f in shell.namespace.items() if isinstance(f, types.FunctionType)}
    return [name for name, f in functions.items() if Shell.owns(f.__code__.co_filename)]


def main() -> None:
    """Serve until the input ends."""
    tf.config.experimental.enable_op_determinism()
    course = Course(Path(sys.argv[1]), DEMO_KEY)
    exercise = course.place.exercise(sys.argv[2])
    cells = reader.wire_cells(
        reader.read(exercise.solution.read_bytes(), ".py"), demo_sources(exercise)
    )
    shell, answers = Shell(), sys.stdout
    for _ in sys.stdin:
        spent: list[float] = []
        student = LocalStudent(StudentWorker(shell, Entropy()))
        student.load(cells, course.seed)
        for name in _defined_here(shell):
            shell.namespace[name] = _timed(shell.namespace[name], spent)
        shared = Shared(course.split, thresholds.of(exercise))
        reference = Student(student, LocalEvaluator(), course.seed)
        fixtures = Fixtures(reference, reference=lambda reference=reference: reference)
        with contextlib.redirect_stdout(io.StringIO()):
            checks = run_checks([exercise.visible, exercise.hidden], shared, fixtures)
        lost = [check for check in checks if check.outcome is not Outcome.PASSED]
        assert not lost, f"not the same work: {lost[0]}"
        print(sum(spent), file=answers, flush=True)


if __name__ == "__main__":
    main()
