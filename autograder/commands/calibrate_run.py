"""Runs known answers many times, chooses thresholds from what they measured, prints the rates."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from autograder.calibration.distributions import measured, recorded
from autograder.calibration.document import calibration_of, environment
from autograder.calibration.fingerprint import fingerprint
from autograder.calibration.git_revision import checked_out, last_change
from autograder.calibration.observation import Observation, observe
from autograder.calibration.plan import Run, plan
from autograder.calibration.problems import problems, warnings
from autograder.calibration.replay import (
    Request,
    chosen_runs,
    differences,
    fingerprint_at,
    replay,
    replay_at,
)
from autograder.calibration.run_log import RunLog
from autograder.commands.resolve import course_root, named
from autograder.course import calibration_file
from autograder.course.calibration_file import Calibration
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import Exercise, Root
from autograder.errors import ReplayError, WeakIsolation
from autograder.grading.batch import run as run_batch
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


def restamp(
    names: tuple[str, ...], root: Path | None, since: str | None, workers: int | None
) -> int:
    """Write new fingerprints where a change of code changed no metric; return the exit code.

    Five recorded runs are graded with the code of the revision `since` and with the code here. By
    default it is the revision that last changed the exercise's calibration.json. Raises ReplayError
    where `since` is not the code that the calibration was measured with.
    """
    place = course_root(root)
    console = Console()
    faults: list[str] = []
    for exercise in named(place, names):
        if exercise.calibration.exists():
            faults += _restamp(exercise, place, since, workers or default_workers(), console)
        elif names:
            raise click.ClickException(f"{exercise.name} has no runs on file: calibrate it first")
    return _print_faults(faults, console)


def _restamp(
    exercise: Exercise, place: Root, since: str | None, workers: int, console: Console
) -> list[str]:
    """Restamp one calibration.json; return each metric that changed, and nothing where none did."""
    name, calibration = exercise.name, calibration_file.read(exercise.calibration)
    if calibration.fingerprint == fingerprint(exercise, place):
        console.print(f"{name}: the fingerprint fits", highlight=False)
        return []
    if calibration_file.to_text(calibration) != exercise.calibration.read_text("utf-8"):
        raise ReplayError(f"{exercise.calibration} is not as calibrate writes it")
    request = Request(str(place.path), name, chosen_runs(calibration), workers)
    with checked_out(place.path, since or last_change(exercise.calibration)) as revision:
        if fingerprint_at(revision, request) != calibration.fingerprint:
            raise ReplayError(
                f"{name}: {revision.commit[:10]} is not the code that was measured: name its "
                f"revision with --since, or run autograder calibrate {name}"
            )
        before = replay_at(revision, request)
    after = replay(request)
    if changed := list(differences(before, after)):
        return [f"{name}: {text}" for text in changed] + [f"run: autograder calibrate {name}"]
    calibration_file.write(
        exercise.calibration, msgspec.structs.replace(calibration, fingerprint=after.fingerprint)
    )
    console.print(
        f"{name}: {len(after.runs)} runs show the same metrics as at {revision.commit[:10]}; "
        "calibration.json has the new fingerprint",
        highlight=False,
    )
    return []


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
    """Grade the runs of the plan that the log does not hold yet."""
    observations = log.among(planned)
    finished = {seen.run.name for seen in observations}
    missing = [run for run in planned if run.name not in finished]

    batch = run_batch(missing, lambda run: observe(run, course, station), workers)
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
