"""The runs that a calibration.json holds, as far as they still show what a run now would show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograder.calibration.identity import identity
from autograder.calibration.observation import Observation
from autograder.calibration.plan import Run
from autograder.course.calibration_file import CalibratedThreshold, Calibration, RecordedRun
from autograder.course.datasets import key_fingerprint
from autograder.course.exercise import Declared, Exercise, settings_of

__all__ = ["honest_runs", "kept_runs", "keys_on_file"]


def kept_runs(
    exercise: Exercise, calibration: Calibration, planned: Sequence[Run]
) -> Iterator[Observation]:
    """Yield what the calibration holds of the planned runs.

    A run is held if the answer is the one that was measured and every threshold that needs the run
    has its value. Whether metrics, data and environment are the same, the caller has to know.
    """
    digests = {run.answer: identity(run.task) for run in planned}
    same = {name for name, digest in digests.items() if calibration.answers.get(name) == digest}
    declared = settings_of(exercise).thresholds
    values = {
        one.name: _values(calibration.thresholds[one.name])
        for one in declared
        if one.name in calibration.thresholds
    }
    for run in planned:
        if run.answer in same:
            place = (run.answer, key_fingerprint(run.key), run.seed)
            needed = [one.name for one in declared if _needs(one, run)]
            if all(place in values.get(name, {}) for name in needed):
                metrics = {name: table[place] for name, table in values.items() if place in table}
                yield Observation(run, metrics, _baselines(calibration, place[1]), 0.0)


def keys_on_file(calibration: Calibration) -> int:
    """Return under how many course keys honest answers were measured."""
    return len({run.key for entry in calibration.thresholds.values() for run in _honest(entry)})


def honest_runs(calibration: Calibration) -> int:
    """Return how many honest runs a calibration rests on, by the threshold with most of them."""
    return max((entry.false_fail.runs for entry in calibration.thresholds.values()), default=0)


def _needs(declared: Declared, run: Run) -> bool:
    return not run.weak or run.answer.partition("/")[2] in declared.weak


def _honest(entry: CalibratedThreshold) -> Iterator[RecordedRun]:
    for runs in entry.honest.values():
        yield from runs


def _values(entry: CalibratedThreshold) -> dict[tuple[str, str, int], float]:
    return {
        (answer, run.key, run.seed): run.value
        for answer, runs in (*entry.honest.items(), *entry.weak.items())
        for run in runs
    }


def _baselines(calibration: Calibration, key: str) -> Mapping[str, Mapping[str, float]]:
    """Return what weak answers in closed form reach under a key, by threshold."""
    return {
        name: {
            answer: run.value
            for answer, runs in entry.weak.items()
            if not answer.startswith("wrong/")
            for run in runs
            if run.key == key
        }
        for name, entry in calibration.thresholds.items()
    }
