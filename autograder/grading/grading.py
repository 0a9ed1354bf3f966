"""Grades one submission in a process that grades no other: starts its workers, makes its result."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from autograder.checks import thresholds
from autograder.checks.thresholds import Thresholds
from autograder.course import datasets
from autograder.course.course import Course, demo_sources
from autograder.course.exercise import Exercise, Settings, settings_of
from autograder.grading.task import Task
from autograder.limits import Limits, MiB
from autograder.notebooks import reader
from autograder.notebooks.outputs import Output
from autograder.proxies.confined import ConfinedEvaluator, ConfinedStudent, Source
from autograder.proxies.discretion import Discretion, OwnCode
from autograder.proxies.student import Student
from autograder.proxies.timeouts import ReferenceTiming
from autograder.result import WITHHELD, Check, Result, Status
from autograder.runner.plugin import Fixtures
from autograder.sandbox.spawn import Lease, Station
from autograder.text import named, printable
from autograder.wire import Value
from autograder.worker.cell_notes import cell_notes

_EVALUATOR_MEMORY = 4096 * MiB
_UNTIMED_SECONDS = 3600.0
_EVIDENCE = 6000


@dataclass(frozen=True, slots=True)
class Graded:
    """A result, and what else the grading of an answer has shown.

    `seconds` holds the processor seconds of the longest call of each of the student's functions.
    `observed` holds the first value of each metric, `baselines` the values that weak answers in
    closed form reach on the same data. `shown` holds the outputs of each code cell, where these
    were recorded.
    """

    result: Result
    seconds: Mapping[str, float] = field(default_factory=dict)
    observed: Mapping[str, float] = field(default_factory=dict)
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    shown: tuple[list[Output], ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that the submissions to one exercise share; it is read once.

    `files` lie beside a student's notebook, `demos` are the sources of the exercise's own
    demonstration cells, `splits` its data sets. `thresholds` also record what is measured; this
    mixes no submissions up, because each submission is graded in a fork of its own.
    """

    course: Course
    exercise: Exercise
    settings: Settings
    files: Mapping[str, bytes]
    demos: frozenset[str]
    splits: Mapping[str, datasets.Split]
    thresholds: Thresholds

    def split(self, name: str) -> datasets.Split:
        """Return a data set; the checks may ask for data sets that students do not have."""
        return self.splits[name] if name in self.splits else self.course.split(name)


def prepare(course: Course, name: str) -> Prepared:
    """Read what all gradings of an exercise share; raises CourseError and OSError."""
    exercise = course.place.exercise(name)
    settings = settings_of(exercise)
    return Prepared(
        course=course,
        exercise=exercise,
        settings=settings,
        files=course.released_files(exercise),
        demos=demo_sources(exercise),
        splits={data_set: course.split(data_set) for data_set in settings.data},
        thresholds=thresholds.of(
            exercise, limitless=course.measuring, provisional=course.provisional
        ),
    )


@dataclass(slots=True)
class Grading:
    """One submission under way: `begin` it, have its checks run, then `end` it.

    `timing` sets how long a call of a function may take; without it a call may take an hour.
    """

    task: Task
    prepared: Prepared
    station: Station
    timing: ReferenceTiming | None
    started: float = field(default_factory=time.monotonic)
    stack: ExitStack = field(default_factory=ExitStack)
    _read: reader.Notebook = field(init=False)
    _lease: Lease = field(init=False)
    _limits: Limits = field(init=False)
    _backend: ConfinedStudent = field(init=False)
    _student: Student = field(init=False)

    def begin(self) -> Fixtures:
        """Return the fixtures of the checks; raises UnreadableNotebook."""
        self._read = reader.read(self.task.content, self.task.suffix)
        course, limits = self.prepared.course, self.prepared.settings.limits
        self._limits = limits
        if self.timing is None:
            self._limits = replace(limits, call_seconds=_UNTIMED_SECONDS)
        self._lease = self.stack.enter_context(self.station.lease())
        evaluator = ConfinedEvaluator(self._lease, replace(self._limits, memory=_EVALUATOR_MEMORY))
        self.stack.callback(evaluator.close)
        self._backend = self._confined(self._read, self.task.helpers, record=self.task.record)
        code = OwnCode.of(cell.source for cell in self._read.code)
        self._student = Student(self._backend, evaluator, course.seed, Discretion(code))

        def reference() -> Student:
            # It has the time limits too, because checks may hand it a model of the student's.
            solution = self.prepared.exercise.solution.read_bytes()
            backend = self._confined(reader.read(solution, ".py"), {})
            return Student(backend, evaluator, course.seed, Discretion(is_ours=True))

        return Fixtures(self._student, reference, self._student.discretion)

    def end(self, checks: Sequence[Check]) -> Graded:
        """Return the result that these checks came to, and end all workers."""
        reported = history_note(self._student.returned("train"))
        backend = self._backend
        notes = (*backend.notes, *cell_notes(backend.reports), *([reported] if reported else []))
        result = replace(
            empty(self.task, self.prepared.course, self.started),
            status=Status.GRADED,
            checks=tuple(checks),
            evidence=printed(backend),
            notes=tuple(map(printable, (*self._read.warnings, *notes))),
        )
        self.stack.close()
        measured = self.prepared.thresholds
        return Graded(
            result, dict(backend.seconds), measured.observed, measured.baselines, backend.shown
        )

    def _confined(
        self, read: reader.Notebook, helpers: Mapping[str, bytes], *, record: bool = False
    ) -> ConfinedStudent:
        cells = tuple(reader.wire_cells(read, self.prepared.demos))
        files = {**helpers, **self.prepared.files}
        if self.task.model and self.prepared.settings.model:
            files[self.prepared.settings.model] = self.task.model
        released = tuple(self.prepared.files)
        source = Source(cells, files, self.prepared.course.seed, record, released)
        backend = ConfinedStudent(self._lease, source, self._limits, self.timing)
        self.stack.callback(backend.close)
        return backend


def history_note(history: Value) -> str:
    """Return a sentence on the History that `train` returned, '' where it is no History.

    A History is a dict from the name of a metric to its numbers, epoch by epoch.
    """
    if not isinstance(history, dict):
        return ""
    trends = [
        f"{named(str(name))} {values[0]:.4g} → {values[-1]:.4g}"
        for name, values in history.items()
        if isinstance(values, list)
        and values
        and all(type(value) in (int, float) for value in values)
    ]
    if not trends:
        return ""
    return (
        f"`train` reported: {', '.join(trends[:4])} (shown only; points rest on our own measure)."
    )


def printed(backend: ConfinedStudent) -> str:
    """Return the end of what the student's code printed, at most 6000 characters, printable."""
    return printable("".join(output.text() for output in backend.outputs)[-_EVIDENCE:])


def grader_error(task: Task, course: Course, evidence: str, started: float) -> Result:
    """Return the result of a submission that a fault of the grader left without a grade.

    `started` is the time.monotonic() at which its grading began.
    """
    return replace(
        empty(task, course, started),
        status=Status.GRADER_ERROR,
        message=WITHHELD,
        evidence=printable(evidence[-_EVIDENCE:]),
    )


def empty(task: Task, course: Course, started: float) -> Result:
    """Return the result of a submission that no check has seen: rejected, until it is changed."""
    return Result(
        student=task.student,
        exercise=task.exercise,
        source=task.source,
        sha256=task.sha256,
        key=datasets.key_fingerprint(course.key),
        status=Status.REJECTED,
        seconds=round(time.monotonic() - started, 3),
    )
