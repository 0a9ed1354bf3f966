"""`autograder calibrate`: many runs of known answers, thresholds chosen from what they measured."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from autograder.calibration import calibrate as calibrating
from autograder.calibration.calibrate import Observed, Run, observed
from autograder.calibration.fingerprint import fits
from autograder.calibration.run_log import RunLog
from autograder.commands.resolve import course_root, named
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import Exercise
from autograder.errors import WeakIsolation
from autograder.grading.batch import run as run_batch
from autograder.grading.scorer import Scorer
from autograder.grading.site import default_workers, open_scorer
from autograder.sandbox.spawn import Station
from autograder.text import write_atomically


def run(names: tuple[str, ...], root: Path | None, runs: int, workers: int | None) -> int:
    """Calibrate the named exercises, write their files, print the rates; return the exit code."""
    course = Course(course_root(root).path, DEMO_KEY, measuring=True)
    console = Console()
    found: list[str] = []
    try:
        with open_scorer(course) as scorer:
            for exercise in named(course.place, names):
                count = workers or default_workers()
                kept = RunLog(exercise, course.place)
                seen = _measure(exercise, course, scorer.station, kept, runs, count, console)
                assert scorer.isolation is not None
                isolation = scorer.isolation.summary
                found += _write(exercise, isolation, kept, seen, console)
    except WeakIsolation as error:
        raise click.ClickException(str(error)) from None
    return _told(found, console)


def _told(problems: list[str], console: Console) -> int:
    for problem in problems:
        console.print(f"[red]✗[/] {escape(problem)}", highlight=False)
    return 1 if problems else 0


def _measure(
    exercise: Exercise,
    course: Course,
    station: Station,
    kept: RunLog,
    runs: int,
    workers: int,
    console: Console,
) -> list[Observed]:
    """Grade the plan; every run has a scorer of its own for its key and seed."""
    planned = list(calibrating.plan(exercise, runs))
    seen = kept.among(planned)
    done = {one.run.name for one in seen}
    missing = [one for one in planned if one.name not in done]

    def observe(one: Run) -> Observed:
        own = replace(course, key=one.key, seed=one.seed)
        with Scorer(own, station) as scorer:
            return observed(one, scorer.observe(one.task))

    batch = run_batch(missing, observe, workers)
    for _, one in track(batch, exercise.name, len(missing), console=console):
        seen.append(one)
        kept.add(one)
        if not console.is_terminal:
            line = f"{len(seen)}/{len(planned)} {one.run.answer} {one.seconds:.1f} s"
            console.print(line, markup=False, highlight=False)
    return sorted(seen, key=lambda one: one.run.name)


def _write(
    exercise: Exercise, isolation: str, kept: RunLog, seen: list[Observed], console: Console
) -> list[str]:
    broken = [f"{one.run.answer}: {one.problem}" for one in seen if one.problem]
    if broken:  # a calibration of what is left would be one of something else
        told = [f"{exercise.name}: {text}" for text in broken]
        return [*told, "The other runs are kept: calibrate again, and only these are graded."]
    found = list(calibrating.distributions(exercise, seen))
    told = _store(exercise, calibrating.document(exercise, kept.fits, found, isolation), console)
    kept.forget()
    return told


def rechoose(names: tuple[str, ...], root: Path | None) -> int:
    """Choose thresholds anew from the runs on file, where these still fit; return the exit code."""
    place = course_root(root)
    console = Console()
    told: list[str] = []
    for exercise in named(place, names):
        if not exercise.calibration.exists():
            raise click.ClickException(f"{exercise.name} has no runs on file: calibrate it first")
        old = json.loads(exercise.calibration.read_text("utf-8"))
        if old["fits"] != fits(exercise, place):
            raise click.ClickException(
                f"{exercise.name}: the runs on file are of other code or data"
            )
        found = list(calibrating.recorded(exercise, old))
        new = calibrating.document(exercise, old["fits"], found, old["environment"]["isolation"])
        told += _store(exercise, {**new, "environment": old["environment"]}, console)
    return _told(told, console)


def _store(exercise: Exercise, calibration: dict[str, Any], console: Console) -> list[str]:
    """Write the file and its picture, print the rates, and return what must not be."""
    from autograder.calibration import plot

    text = json.dumps(calibration, indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(exercise.calibration, _compact(text) + "\n")
    plot.calibration(calibration, exercise.calibration.with_suffix(".svg"))
    console.print(_table(exercise.name, calibration))
    for text in calibrating.warnings(calibration):
        console.print(f"[yellow]![/] {exercise.name}: {escape(text)}", highlight=False)
    return [f"{exercise.name}: {text}" for text in calibrating.problems(calibration)]


def _compact(text: str) -> str:
    """Put each run, a list of three, on one line."""
    return re.sub(r"\[\n\s+(\"[^\"]*\"),\n\s+(\d+),\n\s+([^\s]+)\n\s+\]", r"[\1, \2, \3]", text)


def extrapolated(rate: float) -> str:
    """Return a fitted rate in words; no fit to sixty runs knows one below a millionth."""
    return "< 1e-6" if rate < 1e-6 else f"{rate:.1g}"


def _table(name: str, calibration: dict[str, Any]) -> Table:
    table = Table(title=name, title_justify="left")
    for column in ("threshold", "value", "honest runs", "false fail ≤", "fitted", "weak passed"):
        left = column == "threshold"
        table.add_column(column, justify="left" if left else "right", no_wrap=left)
    for threshold, found in calibration["thresholds"].items():
        sign = "≤" if found["better"] == "lower" else "≥"
        fail, weak = found["false_fail"], found["false_pass"].values()
        table.add_row(
            threshold,
            f"{sign} {found['value']:g}",
            f"{fail['runs'] - fail['failed_at_first']}/{fail['runs']}",
            f"{fail['upper_bound']:.2g}",
            extrapolated(fail["extrapolated"]),
            f"{sum(row['passed'] for row in weak)}/{sum(row['runs'] for row in weak)}",
        )
    return table
