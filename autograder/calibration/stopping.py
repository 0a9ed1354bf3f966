"""When a calibration may end early: a schedule of looks at its bounds that keeps the bounds valid.

Whoever looks at a bound after every run and stops when it pleases sees it too low more often than
its confidence says. So the looks are declared beforehand, and each has a share of the error: look
number k has the share (1 - confidence) / 2**k. All shares together are at most 1 - confidence, so
by Bonferroni's inequality the bound that is reported holds with that confidence, at whichever look
the calibration ended. This is a discrete spending of the error as in Lan and DeMets (Biometrika
70, 1983, 659-663); each bound is that of Clopper and Pearson (Biometrika 26, 1934, 404-413). For a
threshold that was chosen beyond the worst of n honest runs the same bound holds without a declared
value: it is the tolerance limit of Wilks (Annals of Mathematical Statistics 12, 1941, 91-96).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.calibration.statistics import CONFIDENCE, bound

__all__ = ["Look", "schedule"]

_ERROR = 1 - CONFIDENCE


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the bounds after `runs` honest runs.

    `error` is the chance that a bound of this look is too low: each has the confidence 1 - error.
    """

    runs: int
    error: float


def schedule(planned: int, step: int, goal: float | None, earlier: int = 0) -> tuple[Look, ...]:
    """Return the looks of a calibration with `planned` honest runs, the last of them at its end.

    A look is possible after each `step` runs. Without a `goal` there is a look at the end only.
    With a goal, look k stands where k - 1 missed runs would still keep the bound at or below it: no
    look is spent where nothing could end. `earlier` counts the looks at runs that are on file.
    Where the only look is the one at the end, it has the whole error.
    """
    looks = [] if goal is None else list(_attainable(planned, step, goal, earlier))
    number = earlier + len(looks) + 1
    error = _ERROR if number == 1 else _ERROR / 2**number
    return (*looks, Look(planned, error))


def _attainable(planned: int, step: int, goal: float, earlier: int) -> Iterator[Look]:
    """Yield for each number of misses, from none on, the look that reaches the goal with them."""
    misses, error = 0, _ERROR / 2 ** (earlier + 1)
    for runs in range(step, planned, step):
        if bound(misses, runs, 1 - error) <= goal:
            yield Look(runs, error)
            misses, error = misses + 1, error / 2
