"""The distributions of an exercise's metrics: what honest and weak runs measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.calibration.observation import Observation
from autograder.calibration.statistics import Sample
from autograder.course.calibration_file import Calibration, RecordedRun
from autograder.course.datasets import key_fingerprint
from autograder.course.exercise import Declared, Exercise, settings_of
from autograder.errors import SettingsError

__all__ = ["Distribution", "measured", "recorded"]


@dataclass(frozen=True, slots=True)
class Distribution:
    """All values of one metric: honest runs, weak runs, and baselines in closed form.

    `missing` names the runs in which the metric was not measured.
    """

    declared: Declared
    honest: tuple[Sample, ...]
    weak: tuple[Sample, ...]
    missing: tuple[str, ...] = field(default=())


def measured(exercise: Exercise, observations: Sequence[Observation]) -> Iterator[Distribution]:
    """Yield the values of every threshold's metric, in the order of exercise.toml."""
    for declared in settings_of(exercise).thresholds:
        name = declared.name
        honest = [seen for seen in observations if not seen.run.weak]
        weak = [
            seen for seen in observations if seen.run.answer.removeprefix("wrong/") in declared.weak
        ]
        yield Distribution(
            declared,
            tuple(_samples(name, honest)),
            (*_samples(name, weak), *_baselines(name, honest)),
            tuple(
                f"{seen.run.answer} (key {key_fingerprint(seen.run.key)}, seed {seen.run.seed})"
                for seen in (*honest, *weak)
                if not _is_measured(name, seen)
            ),
        )


def recorded(exercise: Exercise, calibration: Calibration) -> Iterator[Distribution]:
    """Yield the distributions that a calibration holds, as exercise.toml now declares them.

    Raises SettingsError for a threshold that the calibration does not have.
    """
    for declared in settings_of(exercise).thresholds:
        threshold = calibration.thresholds.get(declared.name)
        if threshold is None:
            raise SettingsError(
                f"{exercise.calibration} has no threshold {declared.name!r}: "
                f"run autograder calibrate {exercise.name}"
            )
        weak = [run for run in _recorded(threshold.weak) if _counts(run.answer, declared)]
        honest = tuple(_recorded(threshold.honest))
        yield Distribution(declared, honest, tuple(weak), threshold.missing)


def _is_measured(name: str, seen: Observation) -> bool:
    return math.isfinite(seen.metrics.get(name, math.nan))


def _samples(name: str, observations: Sequence[Observation]) -> Iterator[Sample]:
    for seen in observations:
        if _is_measured(name, seen):
            value = float(seen.metrics[name])
            yield Sample(seen.run.answer, key_fingerprint(seen.run.key), seen.run.seed, value)


def _baselines(name: str, honest: Sequence[Observation]) -> list[Sample]:
    """Return the baselines of a metric, once for each key: they depend on the data alone."""
    values = {
        (what, key_fingerprint(seen.run.key)): value
        for seen in honest
        for what, value in seen.baselines.get(name, {}).items()
    }
    return [Sample(what, key, 0, value) for (what, key), value in values.items()]


def _recorded(runs_by_answer: Mapping[str, Sequence[RecordedRun]]) -> Iterator[Sample]:
    for answer, runs in runs_by_answer.items():
        for run in runs:
            yield Sample(answer, run.key, run.seed, run.value)


def _counts(answer: str, declared: Declared) -> bool:
    """Tell whether a weak answer counts for a threshold: it is declared weak, or in closed form."""
    folder, _, stem = answer.rpartition("/")
    return folder != "wrong" or stem in declared.weak
