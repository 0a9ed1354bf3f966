"""`nbgrader autograde` for a whole assignment at once: many workers, one writer."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import api
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from traitlets import Any as AnyTrait
from traitlets import Integer, List, Unicode

from autograder.errors import SandboxError, WeakIsolation
from autograder.nbgrader.command_sandbox import CommandSandbox
from autograder.nbgrader.execute import SandboxedExecute
from autograder.nbgrader.handover import KEY, ExecutedNotebook, HandOver

_UNFINISHED = ".autograder-unfinished"
_POLL = 0.2


@dataclass(frozen=True, slots=True)
class AutogradeOutcome:
    """How grading one submission ended.

    `problem` says why it could not be graded, '' where it was; `notes` say what was restored in its
    notebooks; `kept` is true for a submission that was graded before and is not newer since.
    """

    student: str
    problem: str = ""
    notes: tuple[str, ...] = ()
    kept: bool = False


@dataclass(slots=True)
class _RunningSubmission:
    """A submission whose notebooks are sanitized and being run."""

    assignment: str
    student: str
    notebooks: list[str]
    running: dict[str, Future[ExecutedNotebook]] = field(default_factory=dict)

    @property
    def is_executed(self) -> bool:
        return all(future.done() for future in self.running.values())


class ParallelAutograde(Autograde):
    """nbgrader's own converter, with the notebooks of many students run at the same time.

    Only running is parallel. Everything else, gradebook and files included, is nbgrader's code in
    the thread that calls `start`, which is the only writer.
    """

    assignments: dict[str, list[str]]
    workers = Integer(1, help="Notebooks that run at the same time.").tag(config=True)
    students = List(Unicode(), help="Grade these only; all if empty.").tag(config=True)
    on_outcome = AnyTrait(help="Called with the AutogradeOutcome of each submission.")

    def init_notebooks(self) -> None:
        """Find the submissions of `students`, all where it is empty."""
        super().init_notebooks()
        wanted = {a: n for a, n in self.assignments.items() if self._is_wanted(a)}
        missing = set(self.students) - {self._names(folder)[1] for folder in wanted}
        if missing:
            raise NbGraderException(f"nothing was submitted by {', '.join(sorted(missing))}")
        self.assignments = wanted

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Prepare the folder; a submission that an interrupted run left behind is graded again."""
        folder = Path(self._format_dest(assignment_id, student_id))
        if (folder / _UNFINISHED).exists():
            self.log.warning("%s was not finished: graded again", student_id)
            shutil.rmtree(folder)
        return bool(super().init_destination(assignment_id, student_id))

    def convert_notebooks(self) -> None:
        """Sanitize, run and save all submissions; raises NbGraderException where one failed."""
        problems: list[AutogradeOutcome] = []
        with (
            _execution_named("autograde"),
            _database_opened_once(),
            CommandSandbox() as self._sandbox,
            _threads(self.workers) as pool,
        ):
            self._execute = SandboxedExecute(parent=self.exporter)
            for outcome in self._graded(pool):
                if outcome.problem:
                    problems.append(outcome)
                if self.on_outcome is not None:
                    self.on_outcome(outcome)
        if problems:
            names = ", ".join(sorted(outcome.student for outcome in problems))
            raise NbGraderException(f"not graded: {names}; the log above says why")

    def _is_wanted(self, assignment: str) -> bool:
        return not self.students or self._names(assignment)[1] in self.students

    def _names(self, folder: str) -> tuple[str, str]:
        pattern = self._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
        match = re.match(pattern, folder)
        if match is None:
            raise NbGraderException(f"{folder} is not where a submission lies")
        return match["assignment"], match["student"]

    def _graded(self, pool: ThreadPoolExecutor) -> Iterator[AutogradeOutcome]:
        """Yield each submission as it ends; at most twice as many as workers are under way."""
        under_way: list[_RunningSubmission] = []
        for folder in sorted(self.assignments):
            assignment, student = self._names(folder)
            step = partial(self._prepared, folder, pool)
            # A sandbox that cannot start is reported once: no submission can be graded.
            fatal = (WeakIsolation, SandboxError)
            submission, problem = self._guarded(assignment, student, step, fatal)
            if submission is not None:
                under_way.append(submission)
            else:
                yield AutogradeOutcome(student, problem, kept=not problem)
            yield from self._finish(under_way, 2 * self.workers)
        yield from self._finish(under_way, 0)

    def _finish(
        self, under_way: list[_RunningSubmission], allowed: int
    ) -> Iterator[AutogradeOutcome]:
        """Save executed submissions; wait while more than `allowed` are under way."""
        while True:
            done = [submission for submission in under_way if submission.is_executed]
            for submission in done:
                under_way.remove(submission)
                step = partial(self._save, submission)
                notes, problem = self._guarded(submission.assignment, submission.student, step)
                yield AutogradeOutcome(submission.student, problem, notes or ())
            if len(under_way) <= allowed:
                return
            futures = [f for s in under_way for f in s.running.values() if not f.done()]
            # A bounded wait: an unbounded one would keep Ctrl-C from this thread.
            wait(futures, _POLL, FIRST_COMPLETED)

    def _prepared(self, folder: str, pool: ThreadPoolExecutor) -> _RunningSubmission | None:
        """Sanitize one submission and start running it; None where it need not be graded."""
        assignment, student = self._names(folder)
        self.notebooks = sorted(self.assignments[folder])
        if not self.init_destination(assignment, student):
            return None
        self.run_pre_convert_hook()
        place = Path(self._format_dest(assignment, student))
        place.mkdir(parents=True, exist_ok=True)
        (place / _UNFINISHED).touch()
        self.init_assignment(assignment, student)
        # Started here, once: not in the threads, and not where no submission needs it.
        self._execute.started(self._sandbox)
        submission = _RunningSubmission(assignment, student, list(self.notebooks))
        for notebook in self.notebooks:
            self._sanitizing = True
            self._init_preprocessors()
            BaseConverter.convert_single_notebook(self, notebook)
            resources = self.init_single_notebook_resources(notebook)
            resources["metadata"] = {"path": str(place)}
            name = resources["nbgrader"]["notebook"]
            path = place / f"{name}.ipynb"
            submission.running[name] = pool.submit(self._executed, path, resources)
        return submission

    def _executed(self, path: Path, resources: Any) -> ExecutedNotebook:
        """Run one notebook; in a thread of its own."""
        return self._execute.run(nbformat.read(path, as_version=4), resources, self._sandbox)

    def _save_notebook(self, path: str, executed: ExecutedNotebook) -> None:
        """Convert a notebook as nbgrader does; its preprocessors get it as it was executed."""
        self._init_preprocessors()
        resources = self.init_single_notebook_resources(path)
        resources[KEY] = HandOver(executed=executed)
        output, resources = self.exporter.from_filename(path, resources=resources)
        self.write_single_notebook(output, resources)

    def _save(self, submission: _RunningSubmission) -> tuple[str, ...]:
        """Have nbgrader score and write the notebooks; return what had been restored in them."""
        self.notebooks = submission.notebooks
        place = Path(self._format_dest(submission.assignment, submission.student))
        self._sanitizing = False
        notes: list[str] = []
        try:
            for name, future in submission.running.items():
                executed = future.result()
                notes += executed.nb.metadata.get("autograder", {}).get("restored", [])
                self._save_notebook(str(place / f"{name}.ipynb"), executed)
        finally:
            self._sanitizing = True
        (place / _UNFINISHED).unlink()
        self.set_permissions(submission.assignment, submission.student)
        self.run_post_convert_hook()
        return tuple(map(str, notes))

    def _guarded(
        self,
        assignment: str,
        student: str,
        step: Callable[[], Any],
        fatal: tuple[type[Exception], ...] = (),
    ) -> tuple[Any, str]:
        """Return (what `step` returns, ""), or (None, why this submission alone failed)."""
        try:
            return step(), ""
        except fatal:
            raise
        except Exception as error:  # of any kind: the next student's submission is still graded
            self.log.error("%s, %s:\n%s", assignment, student, traceback.format_exc())
            shutil.rmtree(self._format_dest(assignment, student), ignore_errors=True)
            return None, f"{type(error).__name__}: {error}"


@contextlib.contextmanager
def _threads(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Yield threads that only wait: notebooks run in processes of the sandbox's.

    After Ctrl-C the threads wait on until the sandbox ends, whose block must be around this one.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="running")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextlib.contextmanager
def _database_opened_once() -> Iterator[None]:
    """Have nbgrader create its database engine once; it creates one for each of its many visits.

    SQLAlchemy keeps compiled statements with the engine; compiling is a third of the time that the
    writing thread spends on a submission.
    """
    create, engines = api.create_engine, dict[str, Any]()

    def shared(url: str, **options: Any) -> Any:
        if url not in engines:
            engines[url] = create(url, **options)
        return engines[url]

    api.create_engine = shared
    try:
        yield
    finally:
        api.create_engine = create


@contextlib.contextmanager
def _execution_named(name: str) -> Iterator[None]:
    """Set NBGRADER_EXECUTION, by which cells know which command runs them."""
    before = os.environ.get("NBGRADER_EXECUTION")
    os.environ["NBGRADER_EXECUTION"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["NBGRADER_EXECUTION"]
        else:
            os.environ["NBGRADER_EXECUTION"] = before
