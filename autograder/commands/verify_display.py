"""Shows `verify` under way, and afterwards the matrix of answers and checks of an exercise."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from autograder.authoring.verify import Case
from autograder.report.outcomes import APPEARANCE
from autograder.result import Result

_MINUTE = 60


@dataclass(slots=True)
class Estimate:
    """How long a batch will still take: the submissions without a result, at the pace so far.

    `expected` holds the seconds of each answer as they were estimated before.
    """

    expected: Mapping[Case, float]
    started: float = field(default_factory=time.monotonic)
    done: float = 0.0

    def finish(self, case: Case) -> None:
        """Count one answer as done."""
        self.done += self.expected[case]

    def seconds_left(self, now: float) -> float:
        """Return the seconds left at `now` of time.monotonic(); call it after `finish`."""
        left = sum(self.expected.values()) - self.done
        return max(0.0, left) * (now - self.started) / self.done


def about(seconds: float) -> str:
    """Return a time left in words: "about 40 s left", "about 3 min left"."""
    if round(seconds) < _MINUTE:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / _MINUTE)} min left"


class Display:
    """A line for each answer as it is finished, and on a terminal a bar and the workers below.

    `doing` may be called from any thread.
    """

    def __init__(self, console: Console, expected: Mapping[Case, float]) -> None:
        self._console = console
        self._estimate = Estimate(expected)
        self._total = len(expected)
        self._done = 0
        self._overall = Progress(
            TextColumn("verifying"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
        )
        self._workers = Progress(
            TextColumn("  {task.description}", markup=False), TimeElapsedColumn()
        )
        self._bar: TaskID = self._overall.add_task("", total=self._total, left="")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the bar for the length of the block."""
        if not self._console.is_terminal:
            yield
            return
        shown = Group(self._overall, self._workers)
        with Live(shown, console=self._console, transient=True):
            yield

    @contextmanager
    def doing(self, case: Case) -> Iterator[None]:
        """Say which answer a worker is at."""
        task = self._workers.add_task(f"{case.exercise} {case.name}", total=None)
        try:
            yield
        finally:
            self._workers.remove_task(task)

    def finished(self, case: Case, result: Result, *, sound: bool) -> None:
        """Count one answer; `sound` tells whether it came out as it must."""
        self._done += 1
        self._estimate.finish(case)
        left = ""
        if self._done < self._total:
            left = about(self._estimate.seconds_left(time.monotonic()))
        self._overall.update(self._bar, advance=1, left=left)
        sign = "[green]✓[/]" if sound else "[red]✗[/]"
        line = f"{sign} {case.exercise} {case.name} {_seconds(result)}"
        if not self._console.is_terminal:
            count = f"{self._done:{len(str(self._total))}}/{self._total}"
            line = f"{count} {line}" + (f", {left}" if left else "")
        self._console.print(line, highlight=False, soft_wrap=True)


def matrix(name: str, results: Mapping[Case, Result], kept: frozenset[Case]) -> Table:
    """Return a row for each answer of an exercise and a column for each of its checks."""
    # A narrow box: an exercise with a dozen checks fits a terminal of 80 columns.
    table = Table(
        title=name, title_justify="left", caption_justify="left", box=box.SIMPLE, padding=0
    )
    table.add_column("answer", no_wrap=True)
    ids = next(([c.id for c in r.checks] for r in results.values() if r.checks), [])
    for number, _ in enumerate(ids, 1):
        table.add_column(str(number), justify="center", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    for case, result in results.items():
        signs = [APPEARANCE[check.outcome].markup() for check in result.checks]
        signs += [""] * (len(ids) - len(signs))
        took = "kept" if case in kept else _seconds(result)
        table.add_row(case.name, *signs, f"{result.score:g}/{result.max_score:g}", took)
    # Without a space between them, a number stays on the line of its check.
    table.caption = "  ".join(f"{n}:{id_.removeprefix('test_')}" for n, id_ in enumerate(ids, 1))
    return table


def _seconds(result: Result) -> str:
    return f"{result.seconds:.0f} s" if result.seconds >= 100 else f"{result.seconds:.1f} s"
