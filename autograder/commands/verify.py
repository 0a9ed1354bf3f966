"""`autograder verify`: known answers graded, the matrix and what broke printed."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.authoring import verify as verifying
from autograder.commands.resolve import course_root, named
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.errors import WeakIsolation
from autograder.grading.batch import run as run_batch
from autograder.grading.site import default_workers, open_scorer
from autograder.report.outcomes import APPEARANCE
from autograder.result import Result


def run(names: tuple[str, ...], root: Path | None, workers: int | None) -> int:
    """Grade every known answer, print the matrix and what broke; return the exit code."""
    course = Course(course_root(root).path, DEMO_KEY)
    console = Console()
    exercises = named(course.place, names)
    problems = [problem for one in exercises for problem in verifying.files(course, one)]
    cases = [case for one in exercises for case in verifying.cases(one)]
    # Full marks take the whole training: started last they would keep one worker waiting.
    cases.sort(key=lambda case: case.kind not in (verifying.Kind.REFERENCE, verifying.Kind.RIGHT))
    results: dict[verifying.Case, Result] = {}
    try:
        with open_scorer(course) as scorer:
            for case, result in run_batch(
                cases, lambda case: scorer.score(case.task()), workers or default_workers()
            ):
                results[case] = result
                bad = list(verifying.problems_of(case, result))
                problems += bad
                sign = "[red]✗[/]" if bad else "[green]✓[/]"
                console.print(f"{sign} {case.exercise} {case.name} {result.seconds:.1f} s")
    except WeakIsolation as error:
        raise click.ClickException(str(error)) from None
    for exercise in exercises:
        own = [(case, results[case]) for case in cases if case.exercise == exercise.name]
        problems += verifying.unused_checks(exercise.name, own)
        console.print(_matrix(exercise.name, own))
    for problem in problems:
        console.print(f"[red]✗[/] {escape(str(problem))}", highlight=False)
    console.print(f"{len(cases)} answers, {len(problems)} problems", style="bold")
    return 1 if problems else 0


def _matrix(name: str, results: list[tuple[verifying.Case, Result]]) -> Table:
    table = Table(title=name, title_justify="left")
    table.add_column("answer")
    ids = next(([c.id for c in r.checks] for _, r in results if r.checks), [])
    for number, _ in enumerate(ids, 1):
        table.add_column(str(number), justify="center")
    table.add_column("points", justify="right")
    for case, result in results:
        signs = [APPEARANCE[check.outcome].markup() for check in result.checks]
        signs += [""] * (len(ids) - len(signs))
        table.add_row(case.name, *signs, f"{result.score:g}/{result.max_score:g}")
    table.caption = "  ".join(f"{n} {id_.removeprefix('test_')}" for n, id_ in enumerate(ids, 1))
    return table
