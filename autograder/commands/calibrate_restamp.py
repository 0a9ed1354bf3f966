"""Renews the fingerprints of calibrations after a change of code that changed no metric."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console

from autograder.calibration.fingerprint import fingerprint
from autograder.calibration.git_revision import checked_out, last_change
from autograder.calibration.replay import (
    Request,
    chosen_runs,
    differences,
    fingerprint_at,
    replay,
    replay_at,
)
from autograder.commands.calibrate_report import print_faults
from autograder.commands.resolve import course_root, named
from autograder.course import calibration_file
from autograder.course.exercise import Exercise, Root
from autograder.errors import ReplayError
from autograder.grading.site import default_workers

__all__ = ["restamp"]


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
    return print_faults(faults, console)


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
