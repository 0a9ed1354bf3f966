"""What `verify` has graded before: each result counts until something it depends on changes."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field

from autograder.authoring.verify import FAILS, Case
from autograder.grading.cache_key import Keys
from autograder.grading.journal import Journal
from autograder.grading.task import Task
from autograder.result import Outcome, Result, Status

__all__ = ["PLACE", "Finished", "is_settled"]

PLACE = ".autograder/verify.db"
"""Where the results lie below the course's folder."""

_UNKNOWN_SECONDS = 20.0
_DAYS = 30  # without use, after which a result is dropped
_MOST_BYTES = 64 * 1024**2  # of all results
_SECONDS_A_DAY = 24 * 60 * 60
# How a check ends on a machine that is too busy or too small: another grading may end otherwise.
_BY_CHANCE = frozenset(
    (Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.LIMIT, Outcome.GRADER_ERROR)
)


def is_settled(result: Result) -> bool:
    """Tell whether a result does not depend on the machine: graded again it would be the same."""
    return result.status is Status.GRADED and not any(
        check.outcome in _BY_CHANCE for check in result.checks
    )


@dataclass(frozen=True, slots=True)
class Finished:
    """The results of known answers on disk, by everything that grading an answer depends on.

    That is the answer's code and its trained model, the exercise's checks, reference and settings,
    all data sets, and the package with everything it has installed. The first line of a wrong
    answer is no code: it is compared with the result afterwards. `used` are the keys that were
    asked for.
    """

    keys: Keys
    journal: Journal
    used: set[str] = field(default_factory=set)

    def result(self, task: Task) -> Result | None:
        """Return the result of an answer as it is now; None where it has to be graded."""
        return self.journal.result(self.key(task))

    def keep(self, task: Task, result: Result) -> None:
        """Store the result of an answer; raises JournalError when it cannot be stored."""
        self.journal.finish(self.key(task), result)

    def expected_seconds(self, cases: list[Case]) -> dict[Case, float]:
        """Return how long each answer will take, by what it or its exercise has taken before."""
        usual = self.journal.usual_seconds()
        expected = {}
        for case in cases:
            known = self.journal.seconds(case.exercise, case.task().sha256)
            expected[case] = known or usual.get(case.exercise) or _UNKNOWN_SECONDS
        return expected

    def key(self, task: Task) -> str:
        """Return the key of an answer: equal keys mean equal results."""
        first, end, rest = task.content.partition(b"\n")
        is_header = task.suffix == ".py" and FAILS.fullmatch(first.decode("utf-8", "replace"))
        digest = hashlib.sha256(end + rest).hexdigest() if is_header else task.sha256
        model = hashlib.sha256(task.model).hexdigest() if task.model else ""
        key = self.keys.key(task.exercise, task.suffix, digest + model)
        self.used.add(key)
        return key

    def drop_unused(self) -> None:
        """Drop results that no run needed for 30 days, and the oldest beyond 64 MB."""
        today = int(time.time() // _SECONDS_A_DAY)
        self.journal.prune(self.used, today, days=_DAYS, most_bytes=_MOST_BYTES)
