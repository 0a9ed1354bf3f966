"""How good predictions are: an error, a share right, or a likelihood; and how students read it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from autograder.checks.thresholds import Measured
from autograder.checks.trained_model.rows import Array
from autograder.errors import DeclarationError

__all__ = ["Error", "Likelihood", "Metric", "ShareRight"]

_MOST = 50.0  # times a rival's error: more is not told


@dataclass(frozen=True, slots=True)
class Error:
    """An error of predictions: the less, the better.

    `of` is a function of targets (n, ...) and predictions (n, ...) that returns the error in
    `unit`, such as "euros". `name` is the error's name in a sentence: "the mean error".
    """

    of: Callable[[Array, Array], float]
    name: str = "the error"
    unit: str = ""

    noun: ClassVar[str] = "error"
    better: ClassVar[str] = "lower"

    def error(self, y: Array, predicted: Array) -> float:
        """Return the error, in `unit`."""
        return float(self.of(y, predicted))

    def value(self, error: float, unit: float) -> float:
        """Return the metric's value: the error in units of another answer's error.

        Raises DeclarationError for a unit that is not above 0.
        """
        if not unit > 0:
            raise DeclarationError(
                f"{self.name} of the answer that serves as its unit is {unit:g}: it must be above 0"
            )
        return error / unit

    def sentence(self, rival: str) -> str:
        """Return the hint for unseen rows; `rival` is the answer whose error is the unit, or ''."""
        if rival:
            return (
                "On {unseen} it has never seen, {error} is up to {value} times that of {rival}; "
                "at most {limit} times earns all points."
            )
        return (
            "On {unseen} it has never seen, {error} is up to {value}{unit}; at most {limit}{unit} "
            "earns all points."
        )

    def told(self, measured: Measured, rival: str) -> Mapping[str, str]:
        """Return value, limit and names for `sentence`.

        The value is coarse, so that it tells little of the held-out rows, and never better than
        the measured value.
        """
        names = {"error": self.name, "unit": f" {self.unit}".rstrip(), "rival": rival}
        if rival:
            times = math.ceil(20 * min(measured.value, _MOST)) / 20
            return {**names, "value": f"{times:g}", "limit": f"{measured.limit:g}"}
        return {**names, "value": _rounded_up(measured.value), "limit": f"{measured.limit:,g}"}


@dataclass(frozen=True, slots=True)
class ShareRight:
    """The share of rows whose prediction is right, from 0 to 1: the more, the better.

    `of` is a function of targets (n, ...) and predictions (n, ...) that returns this share. The
    error that a training has to lower is the share wrong.
    """

    of: Callable[[Array, Array], float]

    noun: ClassVar[str] = "accuracy"
    better: ClassVar[str] = "higher"

    def error(self, y: Array, predicted: Array) -> float:
        """Return the share wrong."""
        return 1 - float(self.of(y, predicted))

    def value(self, error: float, unit: float) -> float:
        """Return the metric's value, the share right; a share needs no `unit`."""
        del unit
        return 1 - error

    def sentence(self, rival: str) -> str:
        """Return the hint for unseen rows."""
        del rival
        return (
            "Of the {unseen} it has never seen, {value} in 100 are right; {limit} in 100 earn all "
            "points."
        )

    def told(self, measured: Measured, rival: str) -> Mapping[str, str]:
        """Return value and limit for `sentence`, in hundredths."""
        del rival
        return {"value": f"{int(100 * measured.value)}", "limit": f"{100 * measured.limit:g}"}


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The likelihood of the true classes by the predicted probabilities: the more, the better.

    `of` is a function of targets (n, ...) and predictions (n, ...) that returns the mean over rows
    of -log(p), where p is the probability of the row's true class. The metric is the geometric mean
    of p, e to the power of minus this, from 0 to 1. The error that a training has to lower is the
    mean of -log(p), in nats.
    """

    of: Callable[[Array, Array], float]

    noun: ClassVar[str] = "likelihood"
    better: ClassVar[str] = "higher"

    def error(self, y: Array, predicted: Array) -> float:
        """Return the mean of -log(p)."""
        return float(self.of(y, predicted))

    def value(self, error: float, unit: float) -> float:
        """Return the metric's value, the geometric mean of p; a probability needs no `unit`."""
        del unit
        return math.exp(-error)

    def sentence(self, rival: str) -> str:
        """Return the hint for unseen rows."""
        del rival
        return (
            "To what is true of the {unseen} it has never seen, it gives a probability of {value} "
            "in the geometric mean; {limit} earns all points."
        )

    def told(self, measured: Measured, rival: str) -> Mapping[str, str]:
        """Return value and limit for `sentence`: the value in hundredths, rounded down."""
        del rival
        value = math.floor(100 * measured.value) / 100
        return {"value": f"{value:.2f}", "limit": f"{measured.limit:g}"}


Metric = Error | Likelihood | ShareRight


def _rounded_up(value: float) -> str:
    """Return a number with two significant digits that is not below `value`."""
    if value <= 0:
        return "0"
    digits = math.floor(math.log10(value)) - 1
    step = 10.0**digits
    return f"{math.ceil(value / step) * step:,.{max(0, -digits)}f}"
