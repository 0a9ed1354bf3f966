"""Runs `autograder try`: grades the known answers of an exercise as it is on disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console

from autograder.authoring import lint, release
from autograder.authoring import verify as verifying
from autograder.authoring.finished import Finished
from autograder.authoring.provisional import (
    Provisional,
    measuring_cases,
    provisional_limits,
    without_value,
)
from autograder.authoring.saves import state, wait_for_save
from autograder.authoring.scoring import score_answer
from autograder.authoring.verify import Case, Kind, Problem
from autograder.commands.resolve import course_root
from autograder.commands.telling import tell, tell_fault
from autograder.commands.try_display import print_answer, print_limits, print_problems
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import Exercise
from autograder.errors import CourseError, JournalError, WeakIsolation
from autograder.grading.batch import run as run_batch
from autograder.grading.cache_key import Keys
from autograder.grading.grading import Graded
from autograder.grading.journal import Journal, open_journal
from autograder.grading.scorer import Scorer
from autograder.grading.site import default_workers, open_scorer
from autograder.grading.task import Task
from autograder.result import Result, Status

__all__ = ["Request", "run"]

EXIT_SOUND, EXIT_PROBLEMS, EXIT_INTERRUPTED = 0, 1, 130
PLACE = ".autograder/try.db"
"""Where the results lie below the course's folder: a result of `try` is no proof for `verify`."""

_Outcome = TypeVar("_Outcome")


@dataclass(frozen=True, slots=True)
class Request:
    """The command line."""

    name: str
    root: Path | None = None
    workers: int | None = None
    watch: bool = False


def run(request: Request) -> int:
    """Grade the known answers and print what students would read; return the exit code.

    Raises CourseError for a fault of the exercise; while watching, the fault is printed instead.
    """
    course = Course(course_root(request.root).path, DEMO_KEY)
    exercise = course.place.exercise(request.name)
    console = Console()
    workers = request.workers or default_workers()
    try:
        with ExitStack() as stack, open_journal(course.root / PLACE) as journal:
            trial = _Trial(exercise, course, workers, console, stack, journal)
            return _watch(trial) if request.watch else trial.run()
    except (JournalError, WeakIsolation) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _watch(trial: _Trial) -> int:
    """Run the trial after every save, until Ctrl-C ends the command."""
    while True:
        before = state(trial.exercise, trial.course.place)
        try:
            trial.run()
        except CourseError as error:
            tell_fault(trial.console, error)
        tell(trial.console, "Waiting for the next save (Ctrl-C ends).")
        wait_for_save(trial.exercise, trial.course.place, before)
        trial.console.rule(style="dim")


@dataclass(slots=True)
class _Trial:
    """One exercise under trial; each `run` grades what has no result yet.

    The sandbox starts when the first answer needs it, and `stack` ends it. `seen` holds what
    answers measured without limits, by the keys of these gradings. `told` are the answers that were
    printed: while watching, only what is new is printed again.
    """

    exercise: Exercise
    course: Course
    workers: int
    console: Console
    stack: ExitStack
    journal: Journal
    sandbox: Scorer | None = None
    seen: dict[str, Graded] = field(default_factory=dict)
    told: set[Case] = field(default_factory=set)

    def cases(self) -> Iterator[Case]:
        """Yield the known answers; raises CourseError for a fault of the exercise's files."""
        lint.refuse([self.exercise])
        yield from verifying.cases(self.exercise)

    def run(self) -> int:
        """Grade, print, and return the exit code; raises CourseError."""
        cases = list(self.cases())
        limits = self._provisional(cases)
        print_limits(self.console, self.exercise.name, limits)
        values = tuple((limit.declared.name, limit.value) for limit in limits)
        course = replace(self.course, provisional=values)
        results, fresh = self._graded(course, cases)
        own = list(results.items())
        unused = list(verifying.unused_checks(self.exercise.name, own))
        print_problems(self.console, None, unused)
        return self._summary(results, len(results) - fresh, len(unused))

    def _summary(self, results: dict[Case, Result], kept: int, unused: int) -> int:
        """Print how many answers came out as they must, and return the exit code."""
        off = sum(1 for case, result in results.items() if _problems(case, result))
        parts = [f"{len(results)} answers, {off} not as they must be"]
        parts += [f"{unused} checks that nothing fails"] if unused else []
        parts += [f"{kept} unchanged"] if kept else []
        self.console.print()
        self.console.print("; ".join(parts), style="bold", highlight=False)
        return EXIT_PROBLEMS if off or unused else EXIT_SOUND

    def _provisional(self, cases: Sequence[Case]) -> tuple[Provisional, ...]:
        """Return limits for thresholds without a value, from answers that run without limits."""
        unset = without_value(self.exercise)
        if not unset:
            return ()
        course = replace(self.course, measuring=True)
        finished = Finished(Keys(course), self.journal)
        work = {case: self._task(case) for case in measuring_cases(unset, cases)}
        keys = {case: finished.key(task) for case, task in work.items()}
        missing = [case for case in work if keys[case] not in self.seen]
        for case, graded in self._batch(course, missing, partial(_observe, work), "measuring"):
            self.seen[keys[case]] = graded
        return provisional_limits(unset, {case: self.seen[keys[case]] for case in work})

    def _graded(self, course: Course, cases: Sequence[Case]) -> tuple[dict[Case, Result], int]:
        """Return all results in the order of the answers, and how many of them are new.

        A result is printed as soon as those before it are. Of a result that was printed before only
        the problems are.
        """
        finished = Finished(Keys(course), self.journal)
        tasks = {case: self._task(case) for case in cases}
        kept = {case: finished.result(task) for case, task in tasks.items()}
        results = {case: result for case, result in kept.items() if result is not None}
        missing = [case for case in cases if case not in results]
        waiting = deque(cases)

        def print_in_order() -> None:
            while waiting and waiting[0] in results:
                case = waiting.popleft()
                self._print(case, results[case], is_new=case in missing or case not in self.told)

        print_in_order()
        for case, result in self._batch(course, missing, partial(_score, tasks), "grading"):
            results[case] = result
            if result.status is Status.GRADED:
                finished.keep(tasks[case], result)
            print_in_order()
        finished.drop_unused()
        return {case: results[case] for case in cases}, len(missing)

    def _batch(
        self,
        course: Course,
        cases: Sequence[Case],
        work: Callable[[Scorer, Case], _Outcome],
        doing: str,
    ) -> Iterator[tuple[Case, _Outcome]]:
        """Yield each answer with its outcome; the terminal shows how many are left."""
        if not cases:
            return
        left = len(cases)
        with self._scorer(course) as scorer, self.console.status("") as status:
            status.update(f"{doing}: {left} answers left")
            for case, outcome in run_batch(cases, partial(work, scorer), self.workers):
                left -= 1
                status.update(f"{doing}: {left} answers left")
                yield case, outcome

    def _scorer(self, course: Course) -> Scorer:
        """Return a scorer that reads the exercise as it is now, in the sandbox that is warm."""
        if self.sandbox is None:
            with self.console.status("Starting the sandbox"):
                self.sandbox = self.stack.enter_context(open_scorer(self.course))
        return Scorer(course, self.sandbox.station, self.sandbox.isolation)

    def _task(self, case: Case) -> Task:
        """Return an answer as a submission; the stub as a release would write it now."""
        if case.kind is not Kind.STUB:
            return case.task()
        content = release.notebook_bytes(self.exercise)
        return Task.for_answer(self.exercise, case.path, student=case.name, content=content)

    def _print(self, case: Case, result: Result, *, is_new: bool) -> None:
        problems = _problems(case, result)
        self.told.add(case)
        if is_new:
            print_answer(self.console, case, result, problems)
        print_problems(self.console, case, problems)


def _score(tasks: Mapping[Case, Task], scorer: Scorer, case: Case) -> Result:
    return score_answer(scorer, case, tasks[case])


def _observe(tasks: Mapping[Case, Task], scorer: Scorer, case: Case) -> Graded:
    return scorer.observe(tasks[case])


def _problems(case: Case, result: Result) -> list[Problem]:
    return list(verifying.problems_of(case, result))
