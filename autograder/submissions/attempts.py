"""Tells which exercise a file answers, and which of several attempts is the latest."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from autograder.submissions import file_names
from autograder.submissions.owners import OwnedFile
from autograder.submissions.pretrained import PretrainedFile


@dataclass(frozen=True, slots=True)
class Answer:
    """Which exercise a file answers; `is_sure` when the file says so itself."""

    exercise: str
    is_sure: bool
    note: str = ""


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


def answered(
    owned: OwnedFile, data: bytes, exercises: Collection[str], default: str | None
) -> Answer | None:
    """Return the exercise by notebook metadata, file name, folder or default, in this order."""
    stated = stated_exercise(data) if owned.item.suffix == ".ipynb" else ""
    named = file_names.exercise_in(owned.stem, exercises)
    if stated in exercises:
        differs = named not in ("", stated)
        note = f"The file is named after {named}, but it is the notebook of {stated}."
        return Answer(stated, is_sure=True, note=note if differs else "")
    if named:
        return Answer(named, is_sure=True)
    assumed = owned.folder_exercise or default
    return Answer(assumed, is_sure=False) if assumed else None


def stated_exercise(data: bytes) -> str:
    """Return metadata.autograder.exercise of a notebook, '' where there is none to be read."""
    if b'"autograder"' not in data:
        # Spares the parsing of what cannot have it.
        return ""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    for key in ("metadata", "autograder", "exercise"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def latest_first(attempts: Iterable[Attempt]) -> list[list[Attempt]]:
    """Return the attempts of each student at each exercise, the latest first."""
    groups: defaultdict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.owned.student, attempt.answer.exercise].append(attempt)
    return [sorted(group, key=lambda one: one.order, reverse=True) for group in groups.values()]
