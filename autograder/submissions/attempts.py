"""Tells which of a student's attempts at one exercise is the latest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.submissions.answers import Answer
from autograder.submissions.owners import OwnedFile
from autograder.submissions.pictures import Picture
from autograder.submissions.pretrained import PretrainedFile


@dataclass(frozen=True, slots=True)
class Attempt:
    """A readable notebook of one student at one exercise, with what lay beside it.

    `model` is a text where a model cannot be used (the text says why), '' where none came.
    """

    owned: OwnedFile
    answer: Answer
    sha256: str
    model: PretrainedFile | str = ""
    pictures: tuple[Picture, ...] = ()

    @property
    def order(self) -> tuple[bool, int, float, int, bool, str]:
        """A key that grows from attempt to attempt: upload number, then time, then copy number.

        A file that names its exercise counts as later than a helper.py that lies beside it.
        """
        owned, file = self.owned, self.owned.file
        modified = 0.0 if owned.attempt else file.modified
        is_notebook = file.suffix == ".ipynb"
        return (
            self.answer.is_sure,
            owned.attempt,
            modified,
            owned.copy,
            is_notebook,
            file.display,
        )


def latest_first(attempts: Iterable[Attempt]) -> list[list[Attempt]]:
    """Return the attempts of each student at each exercise, the latest first."""
    groups: defaultdict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.owned.student, attempt.answer.exercise].append(attempt)
    return [
        sorted(group, key=lambda attempt: attempt.order, reverse=True) for group in groups.values()
    ]
