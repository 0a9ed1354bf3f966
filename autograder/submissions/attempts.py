"""Tells which of a student's attempts at one exercise is the latest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.submissions.answers import Answer
from autograder.submissions.owners import OwnedFile
from autograder.submissions.pretrained import PretrainedFile


@dataclass(frozen=True, slots=True)
class Attempt:
    """A readable notebook of one student at one exercise, and the model that came with it.

    A text in the model's place says why it cannot be used; '' where there is none.
    """

    owned: OwnedFile
    answer: Answer
    sha256: str
    model: PretrainedFile | str = ""

    @property
    def order(self) -> tuple[bool, int, float, int, bool, str]:
        """What grows from attempt to attempt: upload number, then time, then copy number.

        A file that names its exercise goes before a helper.py that lies beside it.
        """
        owned, item = self.owned, self.owned.item
        when = 0.0 if owned.attempt else item.modified
        is_notebook = item.suffix == ".ipynb"
        return (
            self.answer.is_sure,
            owned.attempt,
            when,
            owned.copy,
            is_notebook,
            item.display,
        )


def latest_first(attempts: Iterable[Attempt]) -> list[list[Attempt]]:
    """Return the attempts of each student at each exercise, the latest first."""
    groups: defaultdict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.owned.student, attempt.answer.exercise].append(attempt)
    return [sorted(group, key=lambda one: one.order, reverse=True) for group in groups.values()]
