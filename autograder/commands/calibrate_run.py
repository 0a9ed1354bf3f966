"""Runs known answers many times, chooses thresholds from what they measured, prints the rates."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from autograder.authoring import lint
from autograder.calibration.distributions import recorded
from autograder.calibration.document import calibration_of, environment
from autograder.calibration.fingerprint import fingerprint
from autograder.commands.calibrate_display import announcement
from autograder.commands.calibrate_measure import Measuring
from autograder.commands.calibrate_report import print_faults, store
from autograder.commands.calibrate_work import Request, Work, work_of
from autograder.commands.resolve import course_root, data_of, named
from autograder.commands.telling import tell
from autograder.course import calibration_file
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import settings_of
from autograder.errors import MissingExtra, SiteError, WeakIsolation
from autograder.grading.session import cluster_at
from autograder.grading.site import Site, default_workers, local_site
from autograder.sandbox.probe import Isolation

__all__ = ["rechoose", "run"]

EXIT_CLUSTER_LOST, EXIT_INTERRUPTED = 3, 130


def run(request: Request) -> int:
    """Calibrate the named exercises, write their files, print the rates; return the exit code."""
    course = Course(course_root(request.root).path, DEMO_KEY, measuring=True)
    console = Console()
    works: list[Work] = []
    # All plans before the first run: a fault in the last exercise.toml is told now.
    exercises = named(course.place, request.names)
    data_of(course, exercises)
    lint.refuse(exercises)
    for exercise in exercises:
        if settings_of(exercise).thresholds:
            works.append(work_of(exercise, course.place, request))
        else:
            tell(console, f"{exercise.name} declares no thresholds: nothing to calibrate.")
    workers = None if request.dask else request.workers or default_workers()
    for work in works:
        tell(console, announcement(work, workers))
    try:
        return print_faults(_calibrate(works, course, request, console), console)
    except KeyboardInterrupt:
        tell(console, f"Interrupted: {_left(works)}")
        return EXIT_INTERRUPTED
    except CancelledError:  # nobody here cancels what is still waited for
        tell(console, f"The cluster was lost: {_left(works)}")
        return EXIT_CLUSTER_LOST
    except MissingExtra as error:
        raise click.UsageError(f"--{error}") from None
    except (WeakIsolation, SiteError) as error:
        raise click.ClickException(str(error)) from None


def _calibrate(works: list[Work], course: Course, request: Request, console: Console) -> list[str]:
    """Calibrate each exercise and return what is wrong; no site is opened where nothing is new."""
    faults: list[str] = []
    with ExitStack() as stack:
        site: Site | None = None
        for work in works:
            if site is None and work.missing(work.planned):
                with console.status("Starting the sandbox"):
                    site = stack.enter_context(_open_site(course, request, console)())
            faults += _calibrated(work, site, request, console)
    return faults


def _calibrated(work: Work, site: Site | None, request: Request, console: Console) -> list[str]:
    """Calibrate one exercise, write and print what came of it, and return what is wrong."""
    name = work.exercise.name
    if site is not None and (work.on_file is None or work.missing(work.planned)):
        here = environment(Isolation.from_json(site.isolation).summary)
    else:
        here = {} if work.on_file is None else dict(work.on_file.environment)
    measuring = Measuring(work, site, here, request.bound, console)
    calibration = measuring.run()
    if calibration is None:
        return [f"{name}: {text}" for text in measuring.faults]
    if measuring.ended_at is not None:
        tell(
            console,
            f"{name}: ended after {measuring.ended_at.runs} honest runs: the false fails of every "
            f"threshold are at most {request.bound:g}.",
        )
    told = store(work.exercise, calibration, console)
    work.log.forget()
    return told


def _open_site(
    course: Course, request: Request, console: Console
) -> Callable[[], AbstractContextManager[Site]]:
    accepted = request.accept_weak_isolation
    if request.dask:
        announce = partial(tell, console)
        return lambda: cluster_at(
            request.dask or "", course, announce, accept_weak_isolation=accepted
        )
    workers = request.workers or default_workers()
    # Each run has checks of its own: the key of the course differs.
    return lambda: local_site(course, (), workers, accept_weak_isolation=accepted)


def _left(works: list[Work]) -> str:
    """Return a sentence on the runs that are kept, and on how to go on."""
    planned = sum(len(work.planned) for work in works)
    left = sum(len(work.missing(work.planned)) for work in works)
    return (
        f"{planned - left} of {planned} runs are there and kept; the same command goes on from "
        "here."
    )


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
        new = calibration_of(
            exercise,
            old.fingerprint,
            distributions,
            old.environment,
            rules=old.policy,  # a value moves only where new runs give it a reason
            answers=old.answers,
        )
        faults += store(exercise, new, console)
    return print_faults(faults, console)
