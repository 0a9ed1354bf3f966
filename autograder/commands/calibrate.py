"""`autograder calibrate`: many runs of known answers, thresholds chosen from what they measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from autograder.calibration.distributions import Observation, measured, observation, recorded
from autograder.calibration.document import calibration_of, environment
from autograder.calibration.fingerprint import fingerprint
from autograder.calibration.plan import Run, plan
from autograder.calibration.problems import problems, warnings
from autograder.calibration.run_log import RunLog
from autograder.commands.resolve import course_root, named
from autograder.course import calibration_file
from autograder.course.calibration_file import Calibration
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import Exercise
from autograder.errors import WeakIsolation
from autograder.grading.batch import run as run_batch
from autograder.grading.scorer import Scorer
from autograder.grading.site import default_workers, open_scorer
from autograder.sandbox.spawn import Station


def run(names: tuple[str, ...], root: Path | None, runs: int, workers: int | None) -> int:
    """Calibrate the named exercises, write their files, print the rates; return the exit code."""
    course = Course(course_root(root).path, DEMO_KEY, measuring=True)
    console = Console()
    faults: list[str] = []
    # All plans before the first run: a fault in the last exercise.toml is told now.
    plans = [(exercise, list(plan(exercise, runs))) for exercise in named(course.place, names)]
    try:
        with open_scorer(course) as scorer:
            assert scorer.isolation is not None
            isolation = scorer.isolation.summary
            for exercise, planned in plans:
                count = workers or default_workers()
                log = RunLog(exercise, course.place)
                seen = _measure(exercise, course, scorer.station, log, planned, count, console)
                faults += _write(exercise, isolation, log, seen, console)
    except WeakIsolation as error:
        raise click.ClickException(str(error)) from None
    return _print_faults(faults, console)


def rechoose(names: tuple[str, ...], root: Path | None) -> int:
    """Choose thresholds anew from the runs on file, where these still fit; return the exit code."""
    place = course_root(root)
    console = Console()
    faults: list[str] = []
    for exercise in named(place, names):
        if not exercise.calibration.exists():
            raise click.ClickException(f"{exercise.name} has no runs on file: calibrate it first")
        old = calibration_file.read(exercise.calibration)
        if old.fingerprint != fingerprint(exercise, place):
            raise click.ClickException(
                f"{exercise.name}: the runs on file are of other code or data"
            )
        distributions = list(recorded(exercise, old))
        new = calibration_of(exercise, old.fingerprint, distributions, old.environment)
        faults += _store(exercise, new, console)
    return _print_faults(faults, console)


def _print_faults(faults: list[str], console: Console) -> int:
    for fault in faults:
        console.print(f"[red]✗[/] {escape(fault)}", highlight=False)
    return 1 if faults else 0


def _measure(
    exercise: Exercise,
    course: Course,
    station: Station,
    log: RunLog,
    planned: list[Run],
    workers: int,
    console: Console,
) -> list[Observation]:
    """Grade the plan; every run has a scorer of its own for its key and seed."""
    observations = log.among(planned)
    finished = {seen.run.name for seen in observations}
    missing = [run for run in planned if run.name not in finished]

    def observe(run: Run) -> Observation:
        own = replace(course, key=run.key, seed=run.seed)
        with Scorer(own, station) as scorer:
            return observation(run, scorer.observe(run.task))

    batch = run_batch(missing, observe, workers)
    for _, seen in track(batch, exercise.name, len(missing), console=console):
        observations.append(seen)
        log.add(seen)
        if not console.is_terminal:
            line = f"{len(observations)}/{len(planned)} {seen.run.answer} {seen.seconds:.1f} s"
            console.print(line, markup=False, highlight=False)
    return sorted(observations, key=lambda seen: seen.run.name)


def _write(
    exercise: Exercise,
    isolation: str,
    log: RunLog,
    observations: list[Observation],
    console: Console,
) -> list[str]:
    broken = [f"{seen.run.answer}: {seen.problem}" for seen in observations if seen.problem]
    if broken:  # without these runs the others would be the calibration of another plan
        texts = [f"{exercise.name}: {text}" for text in broken]
        return [*texts, "The other runs are kept: calibrate again, and only these are graded."]
    distributions = list(measured(exercise, observations))
    here = environment(isolation)
    calibration = calibration_of(exercise, log.fingerprint, distributions, here)
    faults = _store(exercise, calibration, console)
    log.forget()
    return faults


def _store(exercise: Exercise, calibration: Calibration, console: Console) -> list[str]:
    """Write the file and its picture, print the rates, and return what must not be."""
    from autograder.calibration import plot

    calibration_file.write(exercise.calibration, calibration)
    plot.draw(calibration, exercise.calibration.with_suffix(".svg"))
    console.print(_table(exercise.name, calibration))
    for text in warnings(calibration):
        console.print(f"[yellow]![/] {exercise.name}: {escape(text)}", highlight=False)
    return [f"{exercise.name}: {text}" for text in problems(calibration)]


def extrapolated(rate: float) -> str:
    """Return a fitted rate in words; no fit to sixty runs knows a rate below a millionth."""
    return "< 1e-6" if rate < 1e-6 else f"{rate:.1g}"


def _table(name: str, calibration: Calibration) -> Table:
    table = Table(title=name, title_justify="left")
    for column in ("threshold", "value", "honest runs", "false fail ≤", "fitted", "weak passed"):
        left = column == "threshold"
        table.add_column(column, justify="left" if left else "right", no_wrap=left)
    for threshold, entry in calibration.thresholds.items():
        sign = "≤" if entry.better == "lower" else "≥"
        fail, weak = entry.false_fail, entry.false_pass.values()
        table.add_row(
            threshold,
            f"{sign} {entry.value:g}",
            f"{fail.runs - fail.failed_at_first}/{fail.runs}",
            f"{fail.upper_bound:.2g}",
            extrapolated(fail.extrapolated),
            f"{sum(rate.passed for rate in weak)}/{sum(rate.runs for rate in weak)}",
        )
    return table
