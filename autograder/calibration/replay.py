"""Grades a few recorded runs of a calibration again, with the code here or that of a revision.

Two replays on one machine give the same metrics to the last digit unless the code between them
changed a metric. Replays on two machines differ, for their processors sum in another order: so a
replay is compared with another replay, and not with the record.

`python -m autograder.calibration.replay REQUEST RESPONSE` replays in a process of its own. REQUEST
is the file of a Request in JSON, RESPONSE is where the Response is written. Later versions start
the replay of earlier ones: fields may be added to both files, with a default, and none taken away.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from autograder import PACKAGE
from autograder.calibration.fingerprint import fingerprint
from autograder.calibration.git_revision import Revision
from autograder.calibration.observation import observe
from autograder.calibration.plan import answer_path, course_key, run_of
from autograder.course.calibration_file import Calibration, Fingerprint
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.errors import ReplayError
from autograder.grading.batch import run as run_batch
from autograder.grading.site import open_scorer

__all__ = [
    "Replayed",
    "Request",
    "Response",
    "RunName",
    "chosen_runs",
    "differences",
    "replay",
    "replay_at",
]

_COUNT = 5


class RunName(msgspec.Struct, frozen=True):
    """A recorded run: of which answer, under which course key (by its fingerprint) and seed."""

    answer: str
    key: str
    seed: int

    def __str__(self) -> str:
        return f"{self.answer} (key {self.key}, seed {self.seed})"


class Request(msgspec.Struct, frozen=True):
    """Which runs of an exercise to replay; `course` is the course's folder."""

    course: str
    exercise: str
    runs: tuple[RunName, ...]
    workers: int


class Replayed(msgspec.Struct, frozen=True):
    """What a replayed run showed of each metric, and what each baseline reached in each metric.

    Values are texts of six significant digits, as many as calibration.json records: texts carry nan
    as well. `problem` is empty where the run was graded.
    """

    run: RunName
    metrics: Mapping[str, str]
    baselines: Mapping[str, Mapping[str, str]]
    problem: str = ""


class Response(msgspec.Struct, frozen=True):
    """The replayed runs in the order of the request.

    `package` is the folder of the package that graded them, `fingerprint` that of the exercise as
    it lies in the request's course.
    """

    package: str
    fingerprint: Fingerprint
    runs: tuple[Replayed, ...]


def chosen_runs(calibration: Calibration) -> tuple[RunName, ...]:
    """Return five recorded runs: the reference, right answers, and a weak one where there is one.

    The answers come under different keys and seeds. Where there are few answers, they come again
    under other keys and seeds. Raises ReplayError where no honest run is recorded.
    """
    thresholds = list(calibration.thresholds.values())
    weak = [
        RunName(answer, runs[0].key, runs[0].seed)
        for threshold in thresholds
        for answer, runs in threshold.weak.items()
        if answer.startswith("wrong/")
    ][:1]
    honest: list[RunName] = []
    answers = list(thresholds[0].honest.items()) if thresholds else []
    for turn in range(_COUNT):
        for number, (answer, runs) in enumerate(answers):
            run = runs[(number + turn) % len(runs)]
            name = RunName(answer, run.key, run.seed)
            if name not in honest:
                honest.append(name)
    if not honest:
        raise ReplayError(f"calibration.json of {calibration.exercise} holds no honest run")
    return (*honest[: _COUNT - len(weak)], *weak)


def replay(request: Request) -> Response:
    """Grade the runs with the code of this process; without runs, only take the fingerprint.

    Raises WeakIsolation, and ReplayError where the course lacks a recorded answer.
    """
    course = Course(Path(request.course), DEMO_KEY, measuring=True)
    exercise = course.place.exercise(request.exercise)
    for name in request.runs:
        if not answer_path(exercise, name.answer).is_file():
            raise ReplayError(f"{exercise.name}: the recorded answer {name.answer} is gone")
    before = fingerprint(exercise, course.place)
    runs = {
        name: run_of(exercise, name.answer, course_key(name.key), name.seed)
        for name in request.runs
    }
    replayed: dict[RunName, Replayed] = {}
    if not request.runs:
        return Response(str(PACKAGE.resolve()), before, ())
    with open_scorer(course) as scorer:
        station = scorer.station
        batch = run_batch(
            request.runs, lambda name: observe(runs[name], course, station), request.workers
        )
        for name, seen in batch:
            baselines = {metric: _texts(values) for metric, values in seen.baselines.items()}
            replayed[name] = Replayed(name, _texts(seen.metrics), baselines, seen.problem)
    return Response(str(PACKAGE.resolve()), before, tuple(replayed[name] for name in request.runs))


def replay_at(revision: Revision, request: Request) -> Response:
    """Grade the runs with the code, the checks and the answers of a revision.

    Raises ReplayError where its code has no replay, and where its replay fails.
    """
    short = revision.commit[:10]
    if not (revision.package / "calibration" / "replay.py").is_file():
        raise ReplayError(f"the code of {short} cannot replay: it is older than --restamp")
    there = msgspec.structs.replace(request, course=str(revision.course))
    written, read = revision.scratch / "request.json", revision.scratch / "response.json"
    written.write_bytes(msgspec.json.encode(there))
    done = subprocess.run(
        [revision.python, "-P", "-m", "autograder.calibration.replay", written, read],
        cwd=revision.scratch,
        # It would come before what the revision's interpreter imports.
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise ReplayError(f"the replay with the code of {short} failed: {lines[-1]}")
    response = msgspec.json.decode(read.read_bytes(), type=Response)
    if Path(response.package) != revision.package:
        raise ReplayError(f"{response.package} was imported, not the package of {short}")
    return response


def fingerprint_at(revision: Revision, request: Request) -> Fingerprint:
    """Return the fingerprint of the request's exercise at a revision; raises ReplayError."""
    return replay_at(revision, msgspec.structs.replace(request, runs=())).fingerprint


def differences(before: Response, after: Response) -> Iterator[str]:
    """Yield each metric and baseline that two replays of the same runs differ in."""
    for old, new in zip(before.runs, after.runs, strict=True):
        problems = [replayed.problem for replayed in (old, new) if replayed.problem]
        if problems:
            yield f"{old.run} was not graded: {problems[0]}"
            continue
        yield from _differences(str(old.run), old.metrics, new.metrics)
        for metric in sorted(old.baselines.keys() | new.baselines.keys()):
            values = (side.baselines.get(metric, {}) for side in (old, new))
            yield from _differences(f"the baselines of {metric} with {old.run}", *values)


def _differences(where: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, "not measured"), new.get(name, "not measured")
        if before != after:
            yield f"{name} of {where}: {before} before, {after} now"


def _texts(values: Mapping[str, float]) -> dict[str, str]:
    return {name: f"{value:.6g}" for name, value in values.items()}


def main() -> None:
    """Replay what the file of the first argument asks for; write to that of the second."""
    request = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Request)
    Path(sys.argv[2]).write_bytes(msgspec.json.encode(replay(request)))


if __name__ == "__main__":
    main()
