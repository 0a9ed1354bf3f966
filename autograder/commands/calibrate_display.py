"""Shows a calibration in the terminal: what is to do, how far it is, and what it has learned."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograder.calibration.learned import Learned, Range, learned
from autograder.calibration.observation import Observation
from autograder.calibration.plan import Run, runs_per_key
from autograder.commands.calibrate_work import Work
from autograder.commands.telling import tell, tell_doubt
from autograder.commands.verify_display import about

__all__ = ["Display", "announcement", "learned_line"]

_MINUTE = 60


def announcement(work: Work, workers: int | None) -> str:
    """Return what a calibration is going to do: how many runs, and about how long they take.

    `workers` is None where nobody knows how many there will be.
    """
    answers = {run.answer for run in work.planned}
    honest = sum(not run.weak for run in work.planned)
    left = work.missing(work.planned)
    parts = [
        f"{work.exercise.name}: {len(work.planned)} runs of {len(answers)} answers "
        f"({honest} of honest answers, {len(work.planned) - honest} of weak ones)"
    ]
    if len(left) < len(work.planned):
        parts.append(f"{len(work.planned) - len(left)} are there and kept (--fresh grades anew)")
    parts.append(
        f"{len(left)} to grade{_how_long(work, left, workers)}" if left else "none to grade"
    )
    text = ", ".join(parts) + "."
    if work.passed_over:
        text += f" No run of calibration.json counts: {work.passed_over}."
    if left and len(work.looks) > 1:
        places = " or ".join(str(look.runs) for look in work.looks[:-1])
        text += f" It may end after {places} honest runs, where --bound is reached."
    return text


def _how_long(work: Work, left: Sequence[Run], workers: int | None) -> str:
    if not work.expected:
        return "; the first run will tell about how long"
    seconds = sum(work.weight(run) for run in left) / (workers or 1)
    here = f" with {workers} at a time" if workers else " of computing"
    return f", {about(seconds).removesuffix(' left')}{here}"


def learned_line(one: Learned) -> str:
    """Return a line on what is known of a threshold so far."""
    return (
        f"{one.name} ({one.better} is better): right {_range(one.honest)}, "
        f"weak {_range(one.weak)}, false fails at most {one.bound:.2g}"
    )


def _range(seen: Range | None) -> str:
    if seen is None:
        return "no run yet"
    runs = "1 run" if seen.runs == 1 else f"{seen.runs} runs"
    return f"{seen.least:.3g} to {seen.largest:.3g} ({runs})"


@dataclass(slots=True)
class Display:
    """A bar, a rate, the workers and the ranges so far; outside a terminal a line for each run.

    `doing` may be called from any thread.
    """

    console: Console
    work: Work
    _started: float = field(default_factory=time.monotonic)
    _finished: list[Run] = field(default_factory=list)
    _told: set[tuple[str, str]] = field(default_factory=set)
    _overall: Progress = field(init=False)
    _workers: Progress = field(init=False)
    _live: Live | None = None

    def __post_init__(self) -> None:
        self._overall = Progress(
            TextColumn("calibrating {task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[pace]}"),
            console=self.console,
        )
        self._workers = Progress(
            TextColumn("  {task.description}", markup=False), TimeElapsedColumn()
        )
        done = len(self.work.planned) - len(self.work.missing(self.work.planned))
        total = len(self.work.planned)
        self._overall.add_task(self.work.exercise.name, total=total, completed=done, pace="")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the bar for the length of the block."""
        if not self.console.is_terminal:
            yield
            return
        with Live(self._view(), console=self.console, transient=True) as live:
            self._live = live
            yield
            self._live = None

    @contextmanager
    def doing(self, run: Run) -> Iterator[None]:
        """Say which run a worker is at."""
        task = self._workers.add_task(f"{run.answer}, seed {run.seed}", total=None)
        try:
            yield
        finally:
            self._workers.remove_task(task)

    def finished(self, seen: Observation) -> None:
        """Count one run, which the work already holds."""
        self._finished.append(seen.run)
        self.work.expected.setdefault(seen.run.answer, seen.seconds)
        left = self.work.missing(self.work.planned)
        pace = self._pace(left)
        self._overall.update(self._overall.task_ids[0], advance=1, pace=pace)
        if seen.problem or seen.lost:
            self._tell_trouble(seen)
        if self._live is not None:
            self._live.update(self._view())
        if self.console.is_terminal:
            return
        count = f"{len(self.work.planned) - len(left)}/{len(self.work.planned)}"
        line = f"{count} {seen.run.answer} {seen.seconds:.1f} s" + (f", {pace}" if left else "")
        tell(self.console, line)
        honest = sum(not run.weak for run in self.work.seen)
        if not seen.run.weak and honest % runs_per_key(self.work.exercise) == 0:
            self.tell_learned()

    def tell_learned(self) -> None:
        """Print what is known of every threshold so far."""
        for one in self._learned():
            tell(self.console, f"  {learned_line(one)}")

    def _tell_trouble(self, seen: Observation) -> None:
        """Print what an answer lost, once for each of its checks; the first run is told in full."""
        if seen.run == self.work.planned[0]:
            return
        texts = {"": seen.problem.strip().rpartition("\n")[2]} if seen.problem else {}
        texts |= {check.id: f"lost points at {check.id}: {check.message}" for check in seen.lost}
        for check_id, text in texts.items():
            if (seen.run.answer, check_id) not in self._told:
                self._told.add((seen.run.answer, check_id))
                line = f"{seen.run.answer}, seed {seen.run.seed}: {text}"
                tell_doubt(self.console, line)

    def _pace(self, left: Sequence[Run]) -> str:
        elapsed = max(time.monotonic() - self._started, 1e-9)
        rate = f"{_MINUTE * len(self._finished) / elapsed:.2g} runs a minute"
        done = max(sum(map(self.work.weight, self._finished)), 1e-9)
        seconds = sum(map(self.work.weight, left)) * elapsed / done
        return f"{rate}, {about(seconds)}" if left else rate

    def _learned(self) -> list[Learned]:
        work = self.work
        honest = sum(not run.weak for run in work.seen)
        error = next(
            (look.error for look in work.looks if look.runs >= honest), work.looks[-1].error
        )
        return list(learned(work.exercise, work.observed(work.planned), 1 - error))

    def _view(self) -> Group:
        table = Table(box=None)
        for column in ("so far", "right answers", "weak answers", "false fails at most"):
            table.add_column(column, no_wrap=True)
        for one in self._learned():
            row = (one.name, _range(one.honest), _range(one.weak), f"{one.bound:.2g}")
            table.add_row(*row)
        return Group(table, self._overall, self._workers)
