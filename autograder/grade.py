"""Grades one submission; runs in a process that grades nothing else."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from autograder import data, notebook, thresholds
from autograder.backend import ConfinedEvaluator, ConfinedStudent, Source
from autograder.course import Course, demo_sources
from autograder.exercise import Exercise, settings_of
from autograder.outputs import Output
from autograder.pace import ReferencePace
from autograder.plugin import Fixtures, run_checks
from autograder.result import Check, Result, Status
from autograder.sandbox.limits import Limits, MiB
from autograder.sandbox.spawn import Lease, Station
from autograder.student import Student
from autograder.thresholds import Thresholds
from autograder.wire import Value
from autograder.worker.cells import DEFINITIONS_ONLY, FAILED, INTERRUPTED

_EVALUATOR_MEMORY = 4096 * MiB
_REFERENCE_SECONDS = 3600.0
_EVIDENCE = 6000
_WAYS_OUT = frozenset({"gaierror", "URLError", "ConnectionError", "PermissionError", "HTTPError"})
_CLOSED = " While grading, the network and files outside your own folder are closed."


@dataclass(frozen=True, slots=True)
class Task:
    """One submission to grade."""

    student: str
    exercise: str
    source: str
    suffix: str
    content: bytes
    sha256: str
    notes: tuple[str, ...] = ()
    record: bool = False  # keep what the cells show


@dataclass(frozen=True, slots=True)
class Graded:
    """A result, and what else a grading shows of an answer.

    `seconds` is the longest call of each of the student's functions; `observed` the first value of
    each metric, `baselines` what weak answers in closed form reach on the same data; `shown` what
    each code cell showed, where that was recorded.
    """

    result: Result
    seconds: Mapping[str, float] = field(default_factory=dict)
    observed: Mapping[str, float] = field(default_factory=dict)
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    shown: tuple[list[Output], ...] = ()


@dataclass(frozen=True, slots=True)
class _Bench:
    """All that the grading of one submission holds open."""

    exercise: Exercise
    course: Course
    lease: Lease
    limits: Limits
    pace: ReferencePace | None
    evaluator: ConfinedEvaluator
    stack: ExitStack

    def student(self, read: notebook.Notebook, *, record: bool = False) -> ConfinedStudent:
        cells = tuple(notebook.wire_cells(read, demo_sources(self.exercise)))
        source = Source(cells, self.course.released_files(self.exercise), self.course.seed, record)
        backend = ConfinedStudent(self.lease, source, self.limits, self.pace)
        self.stack.callback(backend.close)
        return backend

    def reference(self) -> Student:
        """Return the reference as a student; paced too, for it may be given a model of theirs."""
        backend = self.student(notebook.read(self.exercise.solution.read_bytes(), ".py"))
        return Student(backend, self.evaluator, self.course.seed)


def grade(task: Task, course: Course, station: Station, pace: ReferencePace | None) -> Graded:
    """Return the graded submission; without a `pace` it may take as long as it takes.

    Never raises for what a student did; what goes wrong on the grader's side becomes a result with
    the status grader_error.
    """
    started = time.monotonic()
    try:
        read = notebook.read(task.content, task.suffix)
        exercise = course.place.exercise(task.exercise)
        with station.lease() as lease, ExitStack() as stack:
            limits = settings_of(exercise).limits
            if pace is None:
                limits = replace(limits, call_seconds=_REFERENCE_SECONDS)
            evaluator = ConfinedEvaluator(lease, replace(limits, memory=_EVALUATOR_MEMORY))
            stack.callback(evaluator.close)
            bench = _Bench(exercise, course, lease, limits, pace, evaluator, stack)
            backend = bench.student(read, record=task.record)
            known = thresholds.of(exercise, limitless=course.measuring)
            checks, notes = _run(bench, backend, known)
    except notebook.Unreadable as error:
        return Graded(replace(_empty(task, course, started), message=str(error)))
    except Exception as error:  # the boundary: whatever this is, the student did not do it
        evidence = "".join(traceback.format_exception(error))[-_EVIDENCE:]
        return Graded(grader_error(task, course, evidence, started))
    result = replace(
        _empty(task, course, started),
        status=Status.GRADED,
        checks=tuple(checks),
        evidence=printed(backend),
        notes=(*task.notes, *read.warnings, *notes),
    )
    return Graded(result, dict(backend.seconds), known.observed, known.baselines, backend.shown)


def _run(
    bench: _Bench, backend: ConfinedStudent, known: Thresholds
) -> tuple[list[Check], tuple[str, ...]]:
    student = Student(backend, bench.evaluator, bench.course.seed)
    given = Fixtures(student, bench.course.split, bench.reference, known)
    checks = run_checks([bench.exercise.visible, bench.exercise.hidden], given)
    reported = history_note(student.returned("train"))
    return checks, (*backend.notes, *_cell_notes(backend), *([reported] if reported else []))


def history_note(history: Value) -> str:
    """Return one line on a History: a dict of lists of numbers, as `train` reported it, or ''."""
    if not isinstance(history, dict):
        return ""
    told = [
        f"{name} {values[0]:.4g} → {values[-1]:.4g}"
        for name, values in history.items()
        if isinstance(values, list)
        and values
        and all(type(value) in (int, float) for value in values)
    ]
    if not told:
        return ""
    return f"`train` reported: {', '.join(told[:4])} (shown only; points rest on our own measure)."


def _cell_notes(backend: ConfinedStudent) -> list[str]:
    """Return a sentence for each cell that did not run to its end."""
    words = {
        FAILED: "Code cell {n} raised {what} (the cells after it still ran).",
        INTERRUPTED: "Code cell {n} took too long and was interrupted.",
        DEFINITIONS_ONLY: "Of code cell {n} only the definitions were used.",
    }
    return [
        words[report.status].format(
            n=report.index + 1, what=f"{report.error_type}: {report.error_message}"
        )
        + (_CLOSED if report.error_type in _WAYS_OUT else "")
        for report in backend.reports
        if report.status in words
    ]


def printed(backend: ConfinedStudent) -> str:
    """Return what the student's code printed, the middle left out where it was long."""
    return "".join(output.text() for output in backend.outputs)[-_EVIDENCE:]


def grader_error(task: Task, course: Course, evidence: str, started: float) -> Result:
    """Return the result of a submission that our own fault left without a grade."""
    message = (
        "The grader itself failed here. This is not your fault and no grade: "
        "your instructor can see why and will grade it again."
    )
    return replace(
        _empty(task, course, started),
        status=Status.GRADER_ERROR,
        message=message,
        evidence=evidence,
    )


def _empty(task: Task, course: Course, started: float) -> Result:
    return Result(
        student=task.student,
        exercise=task.exercise,
        source=task.source,
        sha256=task.sha256,
        key=data.fingerprint(course.key),
        status=Status.REJECTED,
        notes=task.notes,
        seconds=round(time.monotonic() - started, 3),
    )
