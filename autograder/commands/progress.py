"""Shows a batch under way: how far it is, how fast, what failed, and what each worker does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from autograder.report.outcomes import label
from autograder.result import Result, Status
from autograder.text import points, printable


class _RateColumn(TextColumn):
    """Submissions a second since the batch began."""

    def render(self, task: Task) -> Text:
        if not task.completed or not task.elapsed:
            return Text("")
        return Text(f"{task.completed / task.elapsed:.2g} a second")


@dataclass(slots=True)
class Display:
    """The lines under a batch; on what is no terminal a line for each result instead.

    `doing` may be called from any thread.
    """

    console: Console
    total: int
    _overall: Progress = field(init=False)
    _workers: Progress = field(init=False)
    _bar: TaskID = field(init=False)
    _done: int = 0
    _failed: int = 0

    def __post_init__(self) -> None:
        self._overall = Progress(
            TextColumn("grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]}"),
            _RateColumn(""),
            TextColumn("ETA"),
            TimeRemainingColumn(),
            console=self.console,
        )
        self._workers = Progress(
            TextColumn("  {task.description}", markup=False), TimeElapsedColumn()
        )
        self._bar = self._overall.add_task("", total=self.total, failed="")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it for the length of the block."""
        if not self.console.is_terminal:
            yield
            return
        with Live(Group(self._overall, self._workers), console=self.console, transient=True):
            yield

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Say what a worker is at."""
        task = self._workers.add_task(printable(what), total=None)
        try:
            yield
        finally:
            self._workers.remove_task(task)

    def finished(self, result: Result) -> None:
        """Count one submission's result."""
        self._done += 1
        self._failed += result.status is Status.GRADER_ERROR
        failed = f"{self._failed} failed" if self._failed else ""
        self._overall.update(self._bar, advance=1, failed=failed)
        if not self.console.is_terminal:
            line = f"{self._done}/{self.total} {_brief(result)}"
            self.console.print(line, markup=False, highlight=False)


def _brief(result: Result) -> str:
    """Return one line on a finished submission."""
    what = f"{points(result.score)} of {points(result.max_score)}"
    ended = what if result.status is Status.GRADED else label(result.status)
    return f"{printable(result.student)} {result.exercise}: {ended}, {result.seconds:.1f} s"
