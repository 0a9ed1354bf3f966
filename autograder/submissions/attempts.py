"""Tells which of a student's attempts at one exercise is the latest, and which are no answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from autograder.submissions import file_names
from autograder.submissions.answers import Answer
from autograder.submissions.helpers import HelperFile, is_for_pytest
from autograder.submissions.owners import OwnedFile
from autograder.submissions.pictures import Picture
from autograder.submissions.pretrained import PretrainedFile

__all__ = ["Attempt", "ByExercise", "latest_first", "sorted_out"]

ANY_NAME = "*"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A readable notebook of one student at one exercise, with what lay beside it.

    `model` is a text where a model cannot be used (the text says why), '' where none came. `binds`
    are the names that its code gives to something, None where that is not known. It `is_broken`
    where no code can be read from it: an upload that was cut off, a file of another kind.
    """

    owned: OwnedFile
    answer: Answer
    sha256: str
    model: PretrainedFile | str = ""
    pictures: tuple[Picture, ...] = ()
    helpers: tuple[HelperFile, ...] = ()
    binds: frozenset[str] | None = None
    is_broken: bool = False

    @property
    def order(self) -> tuple[bool, bool, int, float, int, bool, str]:
        """A key that grows from attempt to attempt: upload number, then time, then copy number.

        A file that names its exercise counts as later than a helper.py that lies beside it, and
        of these a file that can be read as later than any that cannot.
        """
        owned, file = self.owned, self.owned.file
        modified = 0.0 if owned.attempt else file.modified
        return (
            self.answer.is_sure,
            not self.is_broken,
            owned.attempt,
            modified,
            owned.copy,
            self.is_notebook,
            file.display,
        )

    @property
    def is_notebook(self) -> bool:
        """Whether it is an .ipynb file."""
        return self.owned.file.suffix == ".ipynb"

    def imports(self, other: Attempt) -> bool:
        """Return whether its code imports another attempt's file."""
        places = {helper.location for helper in self.helpers}
        return other.owned.file.location in places

    def binds_of(self, functions: Collection[str]) -> int:
        """Return how many of these functions its code defines or imports, or may do so."""
        if self.binds is None or ANY_NAME in self.binds:
            return len(set(functions))
        return len(self.binds & set(functions))


@dataclass(frozen=True, slots=True)
class ByExercise:
    """A student's attempts at one exercise: `answers` with the latest first, and other files.

    `asides` are helpers and tests that lie beside the answers, and are graded in no case.
    """

    answers: tuple[Attempt, ...]
    asides: tuple[Attempt, ...] = ()


def latest_first(
    attempts: Iterable[Attempt],
    exercises: Collection[str] = (),
    functions: Mapping[str, Collection[str]] | None = None,
) -> list[ByExercise]:
    """Return the attempts of each student at each exercise, sorted out.

    `functions` has the names of the functions that an exercise asks for, where they are known.
    """
    groups: defaultdict[tuple[str, str], list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.owned.student, attempt.answer.exercise].append(attempt)
    return [
        sorted_out(group, exercises, (functions or {}).get(exercise, ()))
        for (_, exercise), group in groups.items()
    ]


def sorted_out(
    group: Iterable[Attempt], exercises: Collection[str], functions: Collection[str]
) -> ByExercise:
    """Tell the answers among one student's attempts at one exercise from what lies beside them.

    Tests are no answer, nor is a module that a notebook imports, nor a file that defines none of
    the exercise's functions where another defines some. A script whose name has more words than the
    exercise and its student (`car_price_utils.py`) is an answer beside another only if it defines
    all functions.
    """
    latest = sorted(group, key=lambda attempt: attempt.order, reverse=True)
    if len(latest) == 1:
        return ByExercise(tuple(latest))
    most = max(attempt.binds_of(functions) for attempt in latest)
    asides = {
        attempt
        for attempt in latest
        if _is_aside(attempt, latest, exercises, functions)
        or (most and not attempt.binds_of(functions))
    }
    answers = tuple(attempt for attempt in latest if attempt not in asides)
    if not answers:
        return ByExercise(tuple(latest))
    return ByExercise(answers, tuple(attempt for attempt in latest if attempt in asides))


def _is_aside(
    attempt: Attempt,
    group: Collection[Attempt],
    exercises: Collection[str],
    functions: Collection[str],
) -> bool:
    if attempt.is_notebook:
        return False
    if is_for_pytest(attempt.owned.stem):
        return True
    if any(other.is_notebook and other.imports(attempt) for other in group):
        return True
    has_all = bool(functions) and attempt.binds_of(functions) == len(set(functions))
    return _has_more_words(attempt, exercises) and not has_all


def _has_more_words(attempt: Attempt, exercises: Collection[str]) -> bool:
    """Return whether a file's name says more than exercise, student and copy."""
    more = file_names.owner_in(attempt.owned.stem, exercises)
    return not file_names.is_about(more, attempt.owned.student)
