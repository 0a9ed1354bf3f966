"""Turns what cannot be graded into rows and notes, so that every student has a row.

A student with graded work reads of the other files in its notes. Only a student without graded work
is refused: once for each exercise that an unreadable file names, and once in all otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.submissions import file_names
from autograder.submissions.listing import listed, shown, told
from autograder.submissions.owners import OwnedFile
from autograder.submissions.submission import Rejected, Submission
from autograder.submissions.ungraded import may_be_work, reason_without_notebook

__all__ = ["Refusals", "refuse"]


@dataclass(frozen=True, slots=True)
class Refusals:
    """What of a class cannot be graded.

    `rejected` are files that would be graded if they could be read. `others` are all other files,
    and the empty folders.
    """

    rejected: tuple[Rejected, ...] = ()
    others: tuple[OwnedFile, ...] = ()

    def settle(
        self, submissions: Sequence[Submission], exercises: Collection[str]
    ) -> tuple[list[Submission], list[Rejected]]:
        """Return the submissions with notes on what was not used, and the rows of all others."""
        graded: defaultdict[str, set[str]] = defaultdict(set)
        for submission in submissions:
            graded[submission.student].add(submission.exercise)
        remaining = [refusal for refusal in self.rejected if not refusal.student]
        notes: defaultdict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
        others = _by_student(self.others)
        for student, by_exercise in _by_exercise(self.rejected).items():
            if student not in graded:
                remaining += _rows(by_exercise, others.pop(student, ()))
                continue
            for exercise, group in by_exercise.items():
                first = _first(group)
                if exercise in graded[student] or not exercise:
                    notes[student, exercise] = (f"Not used: {told(first.source)}. {first.reason}",)
                else:
                    remaining.append(first)
        for student, files in others.items():
            if student in graded:
                notes[student, ""] += _note(files)
            elif student:
                remaining.append(_row(files, exercises))
        return [_with_notes(submission, notes) for submission in submissions], remaining


def refuse(owned: OwnedFile, reason: str, exercises: Collection[str]) -> Rejected:
    """Return a refusal of a file under the exercise that its name or folder names."""
    exercise = file_names.exercise_in(owned.stem, exercises) or owned.folder_exercise
    return Rejected(owned.student, exercise, shown(owned.file.display), reason)


def _by_student(files: Sequence[OwnedFile]) -> dict[str, tuple[OwnedFile, ...]]:
    groups: dict[str, tuple[OwnedFile, ...]] = {}
    for owned in sorted(files, key=lambda owned: owned.file.display):
        groups[owned.student] = (*groups.get(owned.student, ()), owned)
    return groups


def _by_exercise(rejected: Sequence[Rejected]) -> dict[str, dict[str, list[Rejected]]]:
    groups: defaultdict[str, dict[str, list[Rejected]]] = defaultdict(dict)
    for refusal in rejected:
        if refusal.student:
            groups[refusal.student].setdefault(refusal.exercise, []).append(refusal)
    return groups


def _rows(by_exercise: Mapping[str, list[Rejected]], others: Sequence[OwnedFile]) -> list[Rejected]:
    """Return the rows of a student who has files that cannot be read, and `others` beside them."""
    unclear = by_exercise.get("", [])
    groups = [list(group) for exercise, group in sorted(by_exercise.items()) if exercise]
    if groups:
        rows = [_first(group) for group in groups]
        more = [refusal.source for refusal in unclear]
    else:
        rows, more = [_first(unclear)], []
    more += [owned.file.display for owned in others if _is_told(owned)]
    return [_not_used_either(rows[0], more), *rows[1:]]


def _first(group: Sequence[Rejected]) -> Rejected:
    """Return the first refusal by source; its reason also names the others' sources."""
    first, *others = sorted(group, key=lambda refusal: refusal.source)
    return _not_used_either(first, [refusal.source for refusal in others])


def _not_used_either(refusal: Rejected, sources: Collection[str]) -> Rejected:
    if not sources:
        return refusal
    return replace(refusal, reason=f"{refusal.reason} Not used either: {listed(sources)}.")


def _row(files: Sequence[OwnedFile], exercises: Collection[str]) -> Rejected:
    """Return the row of a student of whom there is no file with an ending that is graded."""
    real = [owned for owned in files if not owned.is_nothing]
    names = [_name(owned) for owned in real if not owned.is_typed]
    typed = [_name(owned) for owned in real if owned.is_typed]
    named = {file_names.exercise_in(owned.stem, exercises) for owned in real if not owned.is_typed}
    named = (named | {owned.folder_exercise for owned in files}) - {""}
    return Rejected(
        files[0].student,
        named.pop() if len(named) == 1 else "",
        shown((real or files)[0].file.display),
        reason_without_notebook(names, typed),
    )


def _note(files: Sequence[OwnedFile]) -> tuple[str, ...]:
    names = [owned.name for owned in files if _is_told(owned)]
    if not names:
        return ()
    return (f"Not used: {listed(names)}. Only files that end in .ipynb or .py are graded.",)


def _is_told(owned: OwnedFile) -> bool:
    return not owned.is_nothing and may_be_work(owned.name)


def _name(owned: OwnedFile) -> str:
    return shown(owned.name)


def _with_notes(
    submission: Submission, notes: Mapping[tuple[str, str], tuple[str, ...]]
) -> Submission:
    more = (
        *notes.get((submission.student, submission.exercise), ()),
        *notes.get((submission.student, ""), ()),
    )
    return replace(submission, notes=submission.notes + more)
