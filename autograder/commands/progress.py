"""Shows in the terminal how far a batch is, how fast it goes, and what each worker grades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich import progress
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from autograder.commands.telling import tell
from autograder.grading.progress import Progress
from autograder.report import table
from autograder.report.outcomes import label
from autograder.result import Result, Status
from autograder.text import points, printable


class _RateColumn(progress.TextColumn):
    """Submissions a second since the batch began."""

    def render(self, task: progress.Task) -> Text:
        if not task.completed or not task.elapsed:
            return Text("")
        return Text(f"{task.completed / task.elapsed:.2g} a second")


class Display(Progress):
    """A bar and the workers below a batch; outside a terminal a line for each result instead."""

    def __init__(self, out: Path) -> None:
        self.console = Console()
        self._out = out
        self._total = 0
        self._done = 0
        self._failed = 0
        self._overall = progress.Progress(
            progress.TextColumn("grading"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.fields[failed]}"),
            _RateColumn(""),
            progress.TextColumn("ETA"),
            progress.TimeRemainingColumn(),
            console=self.console,
        )
        self._workers = progress.Progress(
            progress.TextColumn("  {task.description}", markup=False), progress.TimeElapsedColumn()
        )
        self._bar = self._overall.add_task("", total=None, failed="")

    def note(self, line: str) -> None:
        """Print a sentence."""
        tell(self.console, line)

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Show that the sandbox starts."""
        with self.console.status("Starting the sandbox"):
            yield

    @contextmanager
    def grading(self, count: int) -> Iterator[None]:
        """Show the bar and the workers for the length of the block."""
        self._total = count
        self._overall.reset(self._bar, total=count, failed="")
        if not self.console.is_terminal:
            yield
            return
        with Live(Group(self._overall, self._workers), console=self.console, transient=True):
            yield

    @contextmanager
    def doing(self, submission: str) -> Iterator[None]:
        """Say which submission a worker grades."""
        task = self._workers.add_task(printable(submission), total=None)
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
            self.note(f"{self._done}/{self._total} {_brief(result)}")

    def written(self, results: Iterable[Result]) -> None:
        """Print the score table and where the reports lie."""
        self.console.print(table.render(results))
        self.note(f"Results: {self._out}")


def _brief(result: Result) -> str:
    """Return one line on a finished submission."""
    what = f"{points(result.score)} of {points(result.max_score)}"
    ended = what if result.status is Status.GRADED else label(result.status)
    return f"{printable(result.student)} {result.exercise}: {ended}, {result.seconds:.1f} s"
