"""Grades the runs of a calibration at a site, until a bound is reached or all runs are there."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console

from autograder.calibration import first_run, unmeasurable
from autograder.calibration.distributions import measured
from autograder.calibration.document import calibration_of, policy
from autograder.calibration.identity import identity
from autograder.calibration.observation import Observation, observe_with
from autograder.calibration.plan import Run
from autograder.calibration.stopping import Look
from autograder.commands.calibrate_display import Display
from autograder.commands.calibrate_work import Work
from autograder.course.calibration_file import Calibration
from autograder.grading.batch import Batch
from autograder.grading.scorer import Scorer
from autograder.grading.site import Site

__all__ = ["Measuring"]


@dataclass(slots=True)
class Measuring:
    """One exercise that is calibrated at a site.

    `goal` is the rate of false fails at which it may end. `faults` are sentences on what keeps it
    from being calibrated; `ended_at` is the look at which it ended early.
    """

    work: Work
    site: Site | None
    environment: dict[str, str]
    goal: float | None
    console: Console
    faults: list[str] = field(default_factory=list)
    ended_at: Look | None = None

    def run(self) -> Calibration | None:
        """Grade what is missing and return the calibration; None where `faults` keep it off."""
        display = Display(self.console, self.work)
        first = self.work.planned[0]
        if first in self.work.seen:  # graded before, maybe with another exercise.toml
            self.faults = self._faults(first, self.work.seen[first])
        with display.shown():
            for number, look in enumerate(self.work.looks, 1):
                runs = self.work.upto(look)
                if not self.faults:
                    self._grade(self.work.missing(runs), display)
                if self.faults:
                    return None
                calibration = self._calibration(runs, self.work.looks[:number])
                if number == len(self.work.looks) or self._is_reached(calibration):
                    break
        if number < len(self.work.looks):
            self.ended_at = look
        return calibration

    def _grade(self, missing: Sequence[Run], display: Display) -> None:
        """Grade these runs; a run that was graded is on file before the next is waited for."""
        if not missing:
            return
        assert self.site is not None
        submit = partial(self._submitted, self.site, display)
        # Closed at once where it is left: runs that wait are then not begun.
        with closing(iter(Batch(missing, submit, self.site.at_once))) as batch:
            for run, seen in batch:
                self.faults = self._faults(run, seen)
                if self.faults:
                    return
                self.work.log.add(seen)
                self.work.seen[run] = seen
                display.finished(seen)

    def _faults(self, run: Run, seen: Observation) -> list[str]:
        """Return why no calibration can come of a run; it is not kept then, and runs again."""
        exercise = self.work.exercise
        if run == self.work.planned[0]:
            return list(first_run.faults(exercise, seen))
        found = list(unmeasurable.faults(exercise, seen))
        kept = "The finished runs are kept: calibrate again, and only the others are graded."
        return [*found, kept] if found else []

    def _submitted(self, site: Site, display: Display, run: Run) -> Future[Observation]:
        if not site.is_here:
            return site.executor.submit(site.apply, observe_with, run)

        def watched(scorer: Scorer, run: Run) -> Observation:
            with display.doing(run):
                return observe_with(scorer, run)

        return site.executor.submit(site.apply, watched, run)

    def _calibration(self, runs: Sequence[Run], looks: Sequence[Look]) -> Calibration:
        exercise = self.work.exercise
        return calibration_of(
            exercise,
            self.work.log.fingerprint,
            list(measured(exercise, self.work.observed(runs))),
            self.environment,
            rules=policy((*self.work.past, *looks)),
            answers={run.answer: identity(run.task) for run in runs},
        )

    def _is_reached(self, calibration: Calibration) -> bool:
        bounds = (entry.false_fail.upper_bound for entry in calibration.thresholds.values())
        return self.goal is not None and max(bounds, default=0.0) <= self.goal
