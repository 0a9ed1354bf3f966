"""One run of `autograder verify`: which answers it grades, keeps and prints."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path

import click
from rich.console import Console

from autograder.authoring import lint, selection
from autograder.authoring import verify as verifying
from autograder.authoring.finished import PLACE, Finished, is_settled
from autograder.authoring.scoring import score_answer
from autograder.authoring.selection import Selection
from autograder.authoring.verify import Case, Kind, Problem
from autograder.commands.answer_difference import print_difference
from autograder.commands.resolve import course_root, data_of, named
from autograder.commands.telling import tell, tell_fault
from autograder.commands.verify_display import Display, matrix
from autograder.course import repository
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import Exercise, Root
from autograder.errors import JournalError, ReleaseError, UnknownRevision, WeakIsolation
from autograder.grading.batch import Batch, local_executor
from autograder.grading.cache_key import Keys
from autograder.grading.journal import open_journal
from autograder.grading.scorer import Scorer
from autograder.grading.site import default_workers, open_scorer
from autograder.grading.task import Task
from autograder.result import Result

EXIT_PROVED, EXIT_PROBLEMS, EXIT_INTERRUPTED = 0, 1, 130
_LONG_KINDS = (Kind.REFERENCE, Kind.RIGHT)


@dataclass(frozen=True, slots=True)
class Request:
    """The command line."""

    names: tuple[str, ...]
    root: Path | None = None
    workers: int | None = None
    brief: bool = False
    changed_since: str | None = None
    minutes: float | None = None
    fresh: bool = False
    journal: Path | None = None


def run(request: Request) -> int:
    """Grade the known answers that have no result yet, print what is off; return the exit code."""
    course = Course(course_root(request.root).path, DEMO_KEY)
    console = Console()
    exercises = _exercises(request, course.place)
    if not exercises:
        told = f"Nothing that changed since {request.changed_since} can affect an exercise."
        tell(console, told)
        return EXIT_PROVED
    data = data_of(course, exercises)
    for exercise in exercises:
        if not exercise.notebook.is_file():  # the stub in it is one of the known answers
            raise ReleaseError(
                f"{exercise.notebook} is missing; run: autograder release {exercise.name}"
            )
    lint.refuse(exercises)
    selections = _selections(request, course.place, exercises)
    try:
        with open_journal(request.journal or course.root / PLACE, fresh=request.fresh) as journal:
            finished = Finished(Keys(course), journal)
            return _Session(request, course, selections, data, finished, console).run()
    except (JournalError, WeakIsolation) as error:
        raise click.ClickException(str(error)) from None


def _exercises(request: Request, place: Root) -> Sequence[Exercise]:
    """Return the named exercises, and of these the affected ones where that was asked for."""
    exercises = named(place, request.names)
    if request.changed_since is None:
        return exercises
    try:
        changed = repository.changed_since(place.path, request.changed_since)
    except UnknownRevision as error:
        raise click.UsageError(f"--changed-since {request.changed_since}: {error}") from None
    return selection.affected(exercises, place, changed)


def _selections(request: Request, place: Root, exercises: Sequence[Exercise]) -> list[Selection]:
    if not request.brief:
        return [selection.whole(exercise) for exercise in exercises]
    turn = selection.turn_of(place)
    return [selection.brief(exercise, turn) for exercise in exercises]


@dataclass(slots=True)
class _Session:
    """One run of the command; `data` are the files that students get with each exercise."""

    request: Request
    course: Course
    selections: list[Selection]
    data: Mapping[Exercise, Mapping[str, bytes]]
    finished: Finished
    console: Console
    results: dict[Case, Result] = field(default_factory=dict)
    kept: frozenset[Case] = frozenset()
    file_problems: dict[str, list[Problem]] = field(default_factory=dict)

    def run(self) -> int:
        self._look_at_files()
        self._take_what_is_kept()
        work = self._work()
        try:
            if work:
                self._grade(work)
        except KeyboardInterrupt:
            left = len(work) - (len(self.results) - len(self.kept))
            tell(
                self.console,
                f"Interrupted: {left} answers left; the same command goes on from here.",
            )
            return EXIT_INTERRUPTED
        if all(case in self.results for case in self._cases()):
            self.finished.journal.complete()
            self.finished.drop_unused()
        return self._report([self._within_time(chosen) for chosen in self.selections])

    def _look_at_files(self) -> None:
        """Tell stale and missing files first: nobody should wait for gradings to hear of them."""
        for chosen in self.selections:
            problems = list(
                verifying.files(self.course, chosen.exercise, self.data[chosen.exercise])
            )
            self.file_problems[chosen.exercise.name] = problems
            for problem in problems:
                tell_fault(self.console, problem)

    def _take_what_is_kept(self) -> None:
        for case in self._cases():
            result = self.finished.result(case.task())
            if result is not None:
                self.results[case] = result
        self.kept = frozenset(self.results)
        if self.kept:
            tell(
                self.console,
                f"{len(self.kept)} graded before and kept (--fresh grades them again).",
            )

    def _cases(self) -> list[Case]:
        return [case for chosen in self.selections for case in chosen.cases]

    def _work(self) -> dict[Case, float]:
        """Return what is to be graded, with the seconds it will take.

        The longest answers come first: started last they would keep one worker waiting. Where the
        time may not do for all, references and stubs come first, then answers by whose turn it is.
        """
        left = [case for case in self._cases() if case not in self.kept]
        expected = self.finished.expected_seconds(left)
        left.sort(key=lambda case: (-expected[case], case.kind not in _LONG_KINDS))
        if self.request.minutes is not None:
            turn = selection.turn_of(self.course.place)
            left = selection.by_turn(left, turn)
        return {case: expected[case] for case in left}

    def _within_time(self, chosen: Selection) -> Selection:
        """Return a selection whose left-out answers include those that the time did not do for."""
        graded = tuple(case for case in chosen.cases if case in self.results)
        late = tuple(case for case in chosen.cases if case not in self.results)
        return Selection(chosen.exercise, graded, (*chosen.left_out, *late))

    def _grade(self, work: dict[Case, float]) -> None:
        """Grade what has no result yet; an answer that came out as it must is stored at once.

        So is a wrong answer that fails other checks than its first line says: the line is at fault.
        """
        workers = self.request.workers or default_workers()
        minutes = self.request.minutes
        end = math.inf if minutes is None else time.monotonic() + 60 * minutes
        with ExitStack() as stack:
            with self.console.status("Starting the sandbox"):
                scorer = stack.enter_context(open_scorer(self.course))
                executor = stack.enter_context(local_executor(workers))
            display = Display(self.console, work)
            submit = partial(_submitted, executor, scorer, display)
            stack.enter_context(display.shown())

            def at_once() -> int:
                return 2 * workers if time.monotonic() < end else 0

            for case, (task, result) in Batch(work, submit, at_once):
                self.results[case] = result
                sound = not any(verifying.problems_of(case, result))
                if sound or (case.kind is Kind.WRONG and is_settled(result)):
                    self.finished.keep(task, result)
                display.finished(case, result, sound=sound)

    def _report(self, selections: list[Selection]) -> int:
        problems = [problem for chosen in selections for problem in self._problems(chosen)]
        of_files = sum(map(len, self.file_problems.values()))  # printed before the gradings
        for chosen in selections:
            own = {case: self.results[case] for case in chosen.cases}
            self.console.print(matrix(chosen.exercise.name, own, self.kept))
            if chosen.left_out:
                names = ", ".join(case.name for case in chosen.left_out)
                tell(self.console, f"{chosen.exercise.name}, left out: {names}")
        self._print_problems(problems)
        left_out = sum(len(chosen.left_out) for chosen in selections)
        parts = [f"{len(self.results)} answers, {of_files + len(problems)} problems"]
        parts += [f"{of_files} of them in files, named above"] if of_files else []
        parts += [f"{len(self.kept)} kept"] if self.kept else []
        parts += [f"{left_out} left out"] if left_out else []
        self.console.print("; ".join(parts), style="bold", highlight=False)
        return EXIT_PROBLEMS if problems or of_files else EXIT_PROVED

    def _print_problems(self, problems: list[Problem]) -> None:
        """Print all problems, and below those of an answer what the answer changes."""
        known = {(case.exercise, case.name): case for case in self._cases()}
        for answer, group in groupby(problems, lambda problem: (problem.exercise, problem.case)):
            for problem in group:
                tell_fault(self.console, problem)
            if answer in known:
                print_difference(self.console, known[answer])

    def _problems(self, chosen: Selection) -> list[Problem]:
        """Return what is off in the results of one exercise."""
        own = [(case, self.results[case]) for case in chosen.cases]
        name = chosen.exercise.name
        return [
            *(problem for case, result in own for problem in verifying.problems_of(case, result)),
            *verifying.unused_checks(name, own, chosen.left_out),
        ]


def _submitted(
    executor: Executor, scorer: Scorer, display: Display, case: Case
) -> Future[tuple[Task, Result]]:
    """Have one answer graded as it is on disk now."""
    task = case.task()

    def score() -> tuple[Task, Result]:
        with display.doing(case):
            return task, score_answer(scorer, case, task)

    return executor.submit(score)
