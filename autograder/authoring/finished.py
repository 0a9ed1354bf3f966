"""What `verify` has graded before: each result counts until something it depends on changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from autograder.authoring.verify import Case
from autograder.grading.cache_key import Keys
from autograder.grading.journal import Journal
from autograder.grading.task import Task
from autograder.result import Result

PLACE = ".autograder/verify.db"
"""Where the results lie below the course's folder."""

_UNKNOWN_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Finished:
    """The results of known answers on disk, by everything that grading an answer depends on.

    That is the answer's content and its trained model, the exercise's checks, reference and
    settings, all data sets, and the package with everything it has installed.
    """

    keys: Keys
    journal: Journal

    def result(self, case: Case) -> Result | None:
        """Return the result of an answer as it is now; None where it has to be graded."""
        return self.journal.result(self.key(case.task()))

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
        model = hashlib.sha256(task.model).hexdigest() if task.model else ""
        return self.keys.key(task.exercise, task.suffix, task.sha256 + model)
