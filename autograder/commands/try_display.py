"""Shows an exercise under trial: provisional limits, answers, and what is off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape

from autograder.authoring.provisional import Provisional
from autograder.authoring.verify import Case, Kind, Problem
from autograder.commands.answer_difference import print_difference
from autograder.commands.check_display import print_check
from autograder.commands.telling import tell, tell_doubt, tell_fault
from autograder.result import Result, Status

__all__ = ["print_answer", "print_limits", "print_problems"]


def print_limits(console: Console, exercise: str, limits: Iterable[Provisional]) -> None:
    """Print the limits that stand in for thresholds without a value, and where they come from."""
    for limit in limits:
        declared = limit.declared
        sign = "at most" if declared.better == "lower" else "at least"
        honest = "nothing" if limit.honest is None else f"{limit.honest:.4g} at worst"
        weak = "nothing" if limit.weak is None else f"{limit.weak:.4g} at best"
        line = (
            f"{declared.name} is {sign} {limit.value:.4g}, provisionally: honest answers measured "
            f"{honest}, weak ones {weak}."
        )
        if limit.honest is not None and limit.weak is not None and not limit.is_apart:
            line += " No limit tells them apart."
        tell_doubt(console, line)
    if limits:
        told = f"  autograder calibrate {exercise} chooses the thresholds that decide grades."
        tell(console, told)


def print_answer(console: Console, case: Case, result: Result, problems: Sequence[Problem]) -> None:
    """Print an answer's points, and each of its checks as the student reads it."""
    sign = "[red]✗[/]" if problems else "[green]✓[/]"
    if result.status is Status.GRADED:
        score = f"{result.score:g} of {result.max_score:g} points"
    else:
        score = str(result.status).replace("_", " ")
    console.print()
    console.print(
        f"{sign} [bold]{escape(case.name)}[/]: {score}, {result.seconds:.1f} s", highlight=False
    )
    if result.status is not Status.GRADED:
        return  # the problems tell why
    if case.kind is Kind.STUB and not problems:
        console.print("  no check was attempted", highlight=False)
        return
    for check in result.checks:
        print_check(console, check, with_points=True)
    for note in result.notes:
        console.print(f"[yellow]note[/] {escape(note)}", highlight=False)


def print_problems(console: Console, case: Case | None, problems: Iterable[Problem]) -> None:
    """Print what did not come out as it must, and below it what the answer changes."""
    several = list(problems)
    for problem in several:
        tell_fault(console, problem)
    if several and case is not None:
        print_difference(console, case)
