"""Measures every metric of an exercise on honest and weak answers, and chooses its thresholds."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from autograder.calibration import statistics
from autograder.calibration.fingerprint import fits
from autograder.calibration.statistics import Fit, Sample
from autograder.checks.thresholds import BAND, RETRY_SEEDS, Threshold
from autograder.course.datasets import DEMO_KEY, fingerprint
from autograder.course.exercise import Declared, Exercise, Root, settings_of
from autograder.grading.grading import Graded
from autograder.grading.task import Task, trained_model
from autograder.result import Status

SCHEMA = 1
REFERENCE = "reference"
_SEEDS_PER_KEY = 2
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Run:
    """One answer to grade under one course key and one seed; `weak` ones must not pass."""

    answer: str
    weak: bool
    key: bytes
    seed: int
    task: Task

    @property
    def name(self) -> tuple[bool, str, int]:
        """What tells it from the others of its plan: each seed belongs to one key."""
        return self.weak, self.answer, self.seed


@dataclass(frozen=True, slots=True)
class Observed:
    """What one run showed of every metric; `problem` is empty where it was graded."""

    run: Run
    observed: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, float]]
    seconds: float
    problem: str = ""


def observed(run: Run, graded: Graded) -> Observed:
    """Return what the grading of a run showed."""
    result = graded.result
    problem = "" if result.status is Status.GRADED else result.evidence or result.message
    return Observed(run, graded.observed, graded.baselines, result.seconds, problem)


@dataclass(frozen=True, slots=True)
class Distribution:
    """All values of one metric: honest runs, weak runs, and baselines in closed form."""

    declared: Declared
    honest: tuple[Sample, ...]
    weak: tuple[Sample, ...]
    missing: tuple[str, ...] = field(default=())


def plan(exercise: Exercise, runs: int) -> Iterator[Run]:
    """Yield at least `runs` runs of honest answers, and one of each weak answer for every key.

    Each honest answer runs under several course keys, and twice under each with another seed: so
    what differs between styles, between splits and between seeds can be told apart. A weak answer
    also runs under the seeds of the retries: near a threshold, grading gives it these chances too.
    """
    honest = [(REFERENCE, exercise.solution)]
    honest += [(f"right/{path.stem}", path) for path in exercise.right]
    weak = {stem for declared in settings_of(exercise).thresholds for stem in declared.weak}
    known = {path.stem: path for path in exercise.wrong}
    if unknown := weak - set(known):
        raise LookupError(f"{exercise.name}: no such wrong answers: {', '.join(sorted(unknown))}")
    each = math.ceil(runs / len(honest) / _SEEDS_PER_KEY)
    first = [(*one, False) for one in honest]
    first += [(f"wrong/{stem}", known[stem], True) for stem in sorted(weak)]
    for number in range(each):
        for again in range(_SEEDS_PER_KEY):
            for name, path, is_weak in first if again == 0 else first[: len(honest)]:
                model = trained_model(exercise, path)
                task = Task.for_answer(exercise.name, path, model, student=name)
                yield Run(name, is_weak, _key(number), number * _SEEDS_PER_KEY + again, task)
    for seed in RETRY_SEEDS:
        for name, path, _ in first[len(honest) :]:
            model = trained_model(exercise, path)
            task = Task.for_answer(exercise.name, path, model, student=name)
            yield Run(name, True, _key(0), seed, task)


def _key(number: int) -> bytes:
    return b"calibration key %d" % number if number else DEMO_KEY


def distributions(exercise: Exercise, seen: Sequence[Observed]) -> Iterator[Distribution]:
    """Yield the values of every threshold's metric, in the order of exercise.toml."""
    for declared in settings_of(exercise).thresholds:
        name = declared.name
        honest = [one for one in seen if not one.run.weak]
        weak = [one for one in seen if one.run.answer.removeprefix("wrong/") in declared.weak]
        baselines = {
            (what, fingerprint(one.run.key)): value
            for one in honest
            for what, value in one.baselines.get(name, {}).items()
        }
        yield Distribution(
            declared,
            tuple(_samples(name, honest)),
            (
                *_samples(name, weak),
                *(Sample(what, key, 0, value) for (what, key), value in baselines.items()),
            ),
            tuple(
                f"{one.run.answer} (key {fingerprint(one.run.key)}, seed {one.run.seed})"
                for one in (*honest, *weak)
                if not _is_measured(name, one)
            ),
        )


def _is_measured(name: str, one: Observed) -> bool:
    return math.isfinite(one.observed.get(name, math.nan))


def _samples(name: str, seen: Sequence[Observed]) -> Iterator[Sample]:
    for one in seen:
        if _is_measured(name, one):
            value = float(one.observed[name])
            yield Sample(one.run.answer, fingerprint(one.run.key), one.run.seed, value)


def chosen(distribution: Distribution, fitted: Fit) -> Threshold:
    """Return the threshold for a distribution: the declared value, or the one between the two."""
    declared = distribution.declared
    honest = [sample.value for sample in distribution.honest]
    weak = [sample.value for sample in distribution.weak]
    value = declared.value
    if value is None and not weak:
        raise ValueError(
            f"{declared.name}: no weak answer to keep apart: declare `weak` or `value`"
        )
    if value is None:
        value = statistics.choose(fitted, honest, weak, declared.better)
    noise = float(f"{fitted.noise:.3g}")
    return Threshold(declared.name, value, declared.better, noise, fitted.logarithmic)


def entry(distribution: Distribution) -> dict[str, Any]:
    """Return what calibration.json holds about one threshold, its value chosen here."""
    declared, honest = distribution.declared, distribution.honest
    fitted = statistics.fit(honest)
    threshold = chosen(distribution, fitted)
    failed = sum(not threshold.passes(sample.value) for sample in honest)
    near = sum(threshold.is_near(sample.value) for sample in honest)
    return {
        "what": declared.what,
        "better": declared.better,
        "value": threshold.value,
        "noise": threshold.noise,
        "scale": "logarithmic" if threshold.logarithmic else "linear",
        "declared": declared.value is not None,
        "false_fail": {
            "runs": len(honest),
            "failed_at_first": failed,
            "borderline": near,
            "upper_bound": _short(statistics.bound(failed, len(honest))),
            "extrapolated": _short(statistics.fail_rate(fitted, threshold)),
            "one_in_a_thousand": _short(statistics.extreme(fitted, declared.better)),
        },
        "false_pass": {
            name: _false_pass(values, threshold)
            for name, values in _by_answer(distribution.weak).items()
        },
        "missing": list(distribution.missing),
        "honest": _table(honest),
        "weak": _table(distribution.weak),
    }


def _false_pass(values: list[float], threshold: Threshold) -> dict[str, Any]:
    passed = sum(threshold.passes(value) for value in values)
    rate = statistics.pass_rate(values, threshold)
    return {
        "runs": len(values),
        "passed": passed,
        "upper_bound": _short(statistics.bound(passed, len(values))),
        "extrapolated": None if rate is None else _short(rate),
    }


def _by_answer(samples: Sequence[Sample]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for sample in samples:
        found.setdefault(sample.answer, []).append(sample.value)
    return found


def _table(samples: Sequence[Sample]) -> dict[str, list[list[Any]]]:
    """Return for each answer its runs as [key, seed, value]."""
    found: dict[str, list[list[Any]]] = {}
    for sample in sorted(samples, key=lambda s: (s.answer, s.key, s.seed)):
        row = [sample.key, sample.seed, _short(sample.value)]
        found.setdefault(sample.answer, []).append(row)
    return found


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def recorded(exercise: Exercise, calibration: Mapping[str, Any]) -> Iterator[Distribution]:
    """Yield the distributions that a calibration.json holds, as exercise.toml now declares them."""
    for declared in settings_of(exercise).thresholds:
        found = calibration["thresholds"][declared.name]
        honest, weak = (
            [Sample(name, *row) for name, rows in found[kind].items() for row in rows]
            for kind in ("honest", "weak")
        )
        still_weak = [one for one in weak if _counts(one.answer, declared)]
        yield Distribution(declared, tuple(honest), tuple(still_weak), tuple(found["missing"]))


def _counts(answer: str, declared: Declared) -> bool:
    """Tell whether a weak answer is one of this threshold's: declared so, or in closed form."""
    folder, _, stem = answer.rpartition("/")
    return folder != "wrong" or stem in declared.weak


def document(
    exercise: Exercise, hashes: Mapping[str, str], found: Sequence[Distribution], isolation: str
) -> dict[str, Any]:
    """Return calibration.json: environment, policy, hashes, and every threshold's distributions.

    `hashes` are what `fits` gave before the first run: code that changes under way does not pass
    for what was measured.
    """
    packages = ("numpy", "keras", "tensorflow", "scipy")
    return {
        "schema": SCHEMA,
        "exercise": exercise.name,
        "fits": dict(hashes),
        "environment": {
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
            "isolation": isolation,
        },
        "policy": {
            "target": statistics.TARGET,
            "confidence": statistics.CONFIDENCE,
            "retry_seeds": list(RETRY_SEEDS),
            "borderline": f"within {BAND:g} standard deviations between seeds",
            "fit": "value, or its logarithm = centre + spread * Student t + noise * normal",
        },
        "thresholds": {one.declared.name: entry(one) for one in found},
    }


def problems(calibration: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was counted and must not be: honest runs that miss, weak ones that pass."""
    for name, found in calibration["thresholds"].items():
        fail = found["false_fail"]
        if fail["failed_at_first"]:
            yield f"{name}: {fail['failed_at_first']} of {fail['runs']} honest runs missed it"
        for weak, row in found["false_pass"].items():
            if row["passed"]:
                yield f"{name}: {weak} passed it in {row['passed']} of {row['runs']} runs"
        for missing in found["missing"]:
            yield f"{name}: nothing measured for {missing}"


def warnings(calibration: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the fit expects more failed honest answers than the target allows."""
    target = calibration["policy"]["target"]
    for name, found in calibration["thresholds"].items():
        rate = found["false_fail"]["extrapolated"]
        if rate > target:
            yield f"{name}: would fail {rate:.2g} of honest answers (extrapolated), not {target:g}"


def stale(calibration: Mapping[str, Any], exercise: Exercise, root: Root) -> Iterator[str]:
    """Yield why a calibration no longer holds for the exercise as it is now."""
    now = fits(exercise, root)
    for what, value in now.items():
        if calibration.get("fits", {}).get(what) != value:
            yield f"calibration.json no longer fits: {what} changed since it was measured"
    for declared in settings_of(exercise).thresholds:
        entry_ = calibration.get("thresholds", {}).get(declared.name)
        if entry_ is None:
            yield f"calibration.json has no threshold {declared.name!r}"
        elif declared.value is not None and declared.value != entry_["value"]:
            yield f"{declared.name} is declared as {declared.value:g}, not {entry_['value']:g}"
