"""The thresholds of an exercise by their names, and measurements that are compared with them.

No check holds a threshold of its own. An exercise declares its thresholds in exercise.toml,
`autograder calibrate` chooses their values from measured distributions, and a check asks for a
threshold by its name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from autograder.checks.marking import ramp
from autograder.course import calibration_file
from autograder.course.calibration_file import CalibratedThreshold
from autograder.course.exercise import Declared, Exercise, settings_of
from autograder.errors import UnknownThreshold
from autograder.result import Measure

RELEASED = "thresholds.json"
RETRY_SEEDS = (1001, 1002)  # a borderline failure is tried again under these seeds
BAND = 3.0  # within so many standard deviations between runs a result is borderline


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit on a metric.

    `better` is "lower" or "higher". `noise` is the standard deviation between runs of the same
    answer: of the metric, or of its logarithm where the threshold is `logarithmic`.
    """

    name: str
    value: float
    better: str
    noise: float = 0.0
    logarithmic: bool = False

    @property
    def band(self) -> tuple[float, float]:
        """The values between which a result is borderline, lower end first."""
        reach = BAND * self.noise
        if self.logarithmic:
            return self.value * math.exp(-reach), self.value * math.exp(reach)
        return self.value - reach, self.value + reach

    def passes(self, value: float) -> bool:
        """Tell whether `value` is at the threshold or better; False for NaN."""
        return value <= self.value if self.better == "lower" else value >= self.value

    def is_near(self, value: float) -> bool:
        """Tell whether another run of the same answer could well land on the other side."""
        low, high = self.band
        return low <= value <= high


@dataclass(frozen=True, slots=True)
class Measured:
    """A value of a metric, compared with its threshold.

    `tries` counts the attempts of which this is the best. While a calibration measures,
    measurements are `limitless`: every finite value meets its threshold, so that a run goes on and
    shows every metric.
    """

    value: float
    threshold: Threshold
    limitless: bool = False
    tries: int = 1

    @property
    def limit(self) -> float:
        """The threshold's value."""
        return self.threshold.value

    @property
    def met(self) -> bool:
        """Whether the value is at the threshold or better; False for NaN."""
        return math.isfinite(self.value) if self.limitless else self.threshold.passes(self.value)

    @property
    def borderline(self) -> bool:
        """Whether chance alone could have decided: near the threshold, or tried again for that."""
        return self.tries > 1 or (not self.limitless and self.threshold.is_near(self.value))

    def share(self, *, zero: float) -> float:
        """Return the share of points: 1 at the threshold, 0 at `zero` or worse, linear in between.

        `zero` is the value of a trivial answer. NaN earns 0.
        """
        if self.met:
            return 1.0
        if not math.isfinite(self.value):
            return 0.0
        trivial = zero >= self.limit if self.threshold.better == "lower" else zero <= self.limit
        return ramp(self.value, zero=zero, full=self.limit) if trivial and zero != self.limit else 0

    def told(self) -> Measure:
        """Return the measurement as the result records it."""
        value = self.value if math.isfinite(self.value) else None
        return Measure(self.threshold.name, value, self.limit, self.tries)


class Thresholds:
    """The thresholds of a grading, and the first value that was measured for each of them.

    `observed` holds these values by the names of the thresholds, `baselines` for each threshold the
    values of weak answers in closed form.
    """

    def __init__(self, known: Iterable[Threshold], *, limitless: bool = False) -> None:
        self._known = {threshold.name: threshold for threshold in known}
        self.limitless = limitless
        self.observed: dict[str, float] = {}
        self.baselines: dict[str, dict[str, float]] = {}

    def __getitem__(self, name: str) -> Threshold:
        if name not in self._known:
            known = ", ".join(sorted(self._known)) or "none"
            raise UnknownThreshold(f"no threshold {name!r}; exercise.toml declares: {known}")
        return self._known[name]

    def measure(self, name: str, value: float) -> Measured:
        """Compare `value` with the threshold `name`; raises UnknownThreshold.

        assert thresholds.measure("unseen_error", error).met, "Is it trained for long enough?"
        """
        threshold = self[name]
        self.observed.setdefault(name, float(value))
        return Measured(float(value), threshold, self.limitless)

    def baseline(self, name: str, what: str, value: float) -> float:
        """Note the `value` of a weak answer in closed form, which `what` names, and return it.

        Raises UnknownThreshold.
        """
        self[name]  # raises for a misspelt name
        self.baselines.setdefault(name, {})[what] = float(value)
        return float(value)

    def to_json(self) -> bytes:
        """Return the bytes of thresholds.json, which students get beside the visible checks."""
        table = {
            name: {field: item for field, item in asdict(known).items() if field != "name"}
            for name, known in sorted(self._known.items())
        }
        return (json.dumps(table, indent=1) + "\n").encode()


def from_json(content: str | bytes) -> Thresholds:
    """Return the thresholds that `to_json` wrote."""
    table: Mapping[str, Mapping[str, Any]] = json.loads(content)
    return Thresholds(Threshold(name, **entry) for name, entry in table.items())


def of(
    exercise: Exercise,
    *,
    limitless: bool = False,
    provisional: Iterable[tuple[str, float]] = (),
) -> Thresholds:
    """Return the thresholds of an exercise, with the values of its calibration.json.

    For a threshold that is not calibrated, the value that exercise.toml declares counts, else its
    value among `provisional`. `limitless` is for the calibration itself, which needs no values.
    Raises UnknownThreshold for a threshold without a value, and SettingsError.
    """
    values = dict(provisional)
    path = exercise.calibration
    calibrated = calibration_file.read(path).thresholds if path.exists() else {}
    found = [
        _threshold(declared, calibrated.get(declared.name), limitless, values.get(declared.name))
        for declared in settings_of(exercise).thresholds
    ]
    return Thresholds(found, limitless=limitless)


def _threshold(
    declared: Declared,
    calibrated: CalibratedThreshold | None,
    limitless: bool,
    provisional: float | None,
) -> Threshold:
    if calibrated is not None:
        value, noise = calibrated.value, calibrated.noise
        return Threshold(declared.name, value, declared.better, noise, calibrated.logarithmic)
    known = provisional if declared.value is None else declared.value
    if known is None and not limitless:
        raise UnknownThreshold(
            f"the threshold {declared.name!r} has no value yet: run autograder calibrate"
        )
    return Threshold(declared.name, known or 0.0, declared.better)
