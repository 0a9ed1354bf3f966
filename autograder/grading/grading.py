"""One submission being graded, in a process that grades nothing else."""

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
from autograder.proxies.student import Student
from autograder.proxies.timeouts import ReferenceTiming
from autograder.result import WITHHELD, Check, Result, Status
from autograder.runner.plugin import Fixtures
from autograder.sandbox.spawn import Lease, Station
from autograder.wire import Value
from autograder.worker.cells import DEFINITIONS_ONLY, FAILED, INTERRUPTED

_EVALUATOR_MEMORY = 4096 * MiB
_REFERENCE_SECONDS = 3600.0
_EVIDENCE = 6000
_WAYS_OUT = frozenset({"gaierror", "URLError", "ConnectionError", "PermissionError", "HTTPError"})
_CLOSED = " While grading, the network and files outside your own folder are closed."


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
class Prepared:
    """What all submissions to one exercise share, read once.

    `files` lie beside a student's notebook, `demos` are the sources of the exercise's own
    demonstration cells, `splits` its data sets. `thresholds` also note what is measured: each
    submission has a fork to itself.
    """

    course: Course
    exercise: Exercise
    settings: Settings
    files: Mapping[str, bytes]
    demos: frozenset[str]
    splits: Mapping[str, datasets.Split]
    thresholds: Thresholds

    def split(self, name: str) -> datasets.Split:
        """Return a data set; the checks may ask for others than the students have."""
        return self.splits[name] if name in self.splits else self.course.split(name)


def prepare(course: Course, name: str) -> Prepared:
    """Read what an exercise's gradings share."""
    exercise = course.place.exercise(name)
    settings = settings_of(exercise)
    return Prepared(
        course=course,
        exercise=exercise,
        settings=settings,
        files=course.released_files(exercise),
        demos=demo_sources(exercise),
        splits={one: course.split(one) for one in settings.data},
        thresholds=thresholds.of(exercise, limitless=course.measuring),
    )


@dataclass(slots=True)
class Grading:
    """One submission on its way; `begin` it, have its checks run, then `end` it.

    Without a `pace` it may take as long as it takes.
    """

    task: Task
    prepared: Prepared
    station: Station
    pace: ReferenceTiming | None
    started: float = field(default_factory=time.monotonic)
    stack: ExitStack = field(default_factory=ExitStack)
    _read: reader.Notebook = field(init=False)
    _lease: Lease = field(init=False)
    _limits: Limits = field(init=False)
    _backend: ConfinedStudent = field(init=False)
    _student: Student = field(init=False)

    def begin(self) -> Fixtures:
        """Return what the checks are provided with; raises notebook.Unreadable."""
        self._read = reader.read(self.task.content, self.task.suffix)
        course, limits = self.prepared.course, self.prepared.settings.limits
        self._limits = replace(limits, call_seconds=_REFERENCE_SECONDS) if not self.pace else limits
        self._lease = self.stack.enter_context(self.station.lease())
        evaluator = ConfinedEvaluator(self._lease, replace(self._limits, memory=_EVALUATOR_MEMORY))
        self.stack.callback(evaluator.close)
        self._backend = self._confined(self._read, record=self.task.record)
        self._student = Student(self._backend, evaluator, course.seed)

        def reference() -> Student:
            # Paced too, for it may be given a model of the student's.
            solution = self.prepared.exercise.solution.read_bytes()
            backend = self._confined(reader.read(solution, ".py"))
            return Student(backend, evaluator, course.seed)

        return Fixtures(self._student, reference)

    def end(self, checks: Sequence[Check]) -> Graded:
        """Return what these checks came to, and let go of all workers."""
        reported = history_note(self._student.returned("train"))
        backend = self._backend
        notes = (*backend.notes, *_cell_notes(backend), *([reported] if reported else []))
        result = replace(
            empty(self.task, self.prepared.course, self.started),
            status=Status.GRADED,
            checks=tuple(checks),
            evidence=printed(backend),
            notes=(*self._read.warnings, *notes),
        )
        self.stack.close()
        known = self.prepared.thresholds
        return Graded(result, dict(backend.seconds), known.observed, known.baselines, backend.shown)

    def _confined(self, read: reader.Notebook, *, record: bool = False) -> ConfinedStudent:
        cells = tuple(reader.wire_cells(read, self.prepared.demos))
        files = dict(self.prepared.files)
        if self.task.model and self.prepared.settings.model:
            files[self.prepared.settings.model] = self.task.model
        source = Source(cells, files, self.prepared.course.seed, record)
        backend = ConfinedStudent(self._lease, source, self._limits, self.pace)
        self.stack.callback(backend.close)
        return backend


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
    return replace(
        empty(task, course, started),
        status=Status.GRADER_ERROR,
        message=WITHHELD,
        evidence=evidence[-_EVIDENCE:],
    )


def empty(task: Task, course: Course, started: float) -> Result:
    """Return the result of a submission that no check has seen: rejected, for the while."""
    return Result(
        student=task.student,
        exercise=task.exercise,
        source=task.source,
        sha256=task.sha256,
        key=datasets.key_fingerprint(course.key),
        status=Status.REJECTED,
        seconds=round(time.monotonic() - started, 3),
    )
