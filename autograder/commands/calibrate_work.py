"""The work of a calibration: its runs, those that are there already, and when it may end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from msgspec.structs import asdict

from autograder.calibration.document import libraries
from autograder.calibration.kept import honest_runs, kept_runs, keys_on_file
from autograder.calibration.observation import Observation
from autograder.calibration.plan import Run, plan, runs_per_key
from autograder.calibration.run_log import RunLog
from autograder.calibration.stopping import Look, schedule
from autograder.course import calibration_file
from autograder.course.calibration_file import Calibration
from autograder.course.exercise import Exercise, Root

__all__ = ["Request", "Work", "work_of"]


@dataclass(frozen=True, slots=True)
class Request:
    """The command line; `bound` is the rate of false fails at which a calibration may end."""

    names: tuple[str, ...]
    root: Path | None = None
    runs: int = 60
    bound: float | None = None
    workers: int | None = None
    dask: str | None = None
    accept_weak_isolation: bool = False
    fresh: bool = False


@dataclass(slots=True)
class Work:
    """The runs of one exercise.

    `seen` are the runs that are there; `looks` are the looks to come, and `past` those at the runs
    that calibration.json holds. `expected` tells how long a run of an answer takes, in seconds; the
    first run of an answer in this calibration tells it of an answer that was not known.
    `passed_over` says why no run of calibration.json counts, and is empty where its runs count.
    """

    exercise: Exercise
    log: RunLog
    planned: tuple[Run, ...]
    past: tuple[Look, ...]
    looks: tuple[Look, ...]
    seen: dict[Run, Observation]
    expected: dict[str, float]
    on_file: Calibration | None
    passed_over: str = ""

    def upto(self, look: Look) -> list[Run]:
        """Return the planned runs that come before a look: all runs under its course keys."""
        honest = 0

        def belongs(run: Run) -> bool:
            nonlocal honest
            honest += not run.weak
            return honest <= look.runs

        return list(takewhile(belongs, self.planned))

    def missing(self, runs: Sequence[Run]) -> list[Run]:
        """Return the runs among these that are not there."""
        return [run for run in runs if run not in self.seen]

    def observed(self, runs: Sequence[Run]) -> list[Observation]:
        """Return the observations of those of the runs that are there, by the names of the runs."""
        there = [self.seen[run] for run in runs if run in self.seen]
        return sorted(there, key=lambda seen: seen.run.name)

    def weight(self, run: Run) -> float:
        """Return how long a run will take: in seconds where an answer's time is known, else 1."""
        known = self.expected.values()
        usual = sum(known) / len(known) if known else 1.0
        return self.expected.get(run.answer, usual)


def work_of(exercise: Exercise, place: Root, request: Request) -> Work:
    """Return what is to do for an exercise; raises SettingsError for a fault in exercise.toml.

    With `fresh` nothing that is on file counts.
    """
    wanted = list(plan(exercise, request.runs))  # a fault in exercise.toml is told first
    log = RunLog(exercise, place, libraries())
    read = not request.fresh and exercise.calibration.exists()
    old = calibration_file.read(exercise.calibration) if read else None
    passed_over = "" if old is None else _passed_over(old, log)
    old = None if passed_over else old
    keys = 0 if old is None else keys_on_file(old)
    if old is not None and _reached(old, request.bound):
        wanted = list(plan(exercise, 0, keys=keys))
    elif keys:
        wanted = list(plan(exercise, request.runs, keys=keys))
    if request.fresh:
        log.forget()
    there = [*(kept_runs(exercise, old, wanted) if old else ()), *log.among(wanted)]
    honest = sum(not run.weak for run in wanted)
    past = () if old is None else tuple(_past(old))
    looks = schedule(honest, runs_per_key(exercise), request.bound, len(past))
    if past and honest == past[-1].runs:  # the bounds were told: no new look
        past, looks = past[:-1], past[-1:]
    return Work(
        exercise,
        log,
        tuple(wanted),
        past,
        looks,
        {seen.run: seen for seen in there},
        log.seconds(),
        old,
        passed_over,
    )


def _passed_over(old: Calibration, log: RunLog) -> str:
    """Return why the runs on file do not count for the code, data and libraries of now."""
    is_now = asdict(log.fingerprint)
    changed = [name for name, value in asdict(old.fingerprint).items() if value != is_now[name]]
    if changed:
        return f"they are of other {' and '.join(changed)}"
    here = log.libraries
    others = [f"{name} {old.environment.get(name)}" for name in here if _differs(old, here, name)]
    if others:
        return f"they were measured with {', '.join(others)}"
    return "" if old.answers else "they do not tell which answers were measured"


def _differs(old: Calibration, here: Mapping[str, str], name: str) -> bool:
    return old.environment.get(name) != here[name]


def _reached(old: Calibration, goal: float | None) -> bool:
    bounds = [entry.false_fail.upper_bound for entry in old.thresholds.values()]
    return goal is not None and max(bounds, default=1.0) <= goal


def _past(old: Calibration) -> Iterator[Look]:
    """Yield the looks at the runs on file; only the error of the last one matters."""
    error = old.policy.look_error or 1 - old.policy.confidence
    for runs in old.policy.looks or (honest_runs(old),):
        yield Look(runs, error)
