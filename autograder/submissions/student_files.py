"""Reads what one student handed in below one path: attempts, files that cannot be read, others."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.errors import UnreadableFile, UnreadableNotebook
from autograder.notebooks import reader as notebooks
from autograder.notebooks.file_size import MEGABYTE
from autograder.submissions import file_names
from autograder.submissions.answers import Answer, exercise_answered
from autograder.submissions.attempts import Attempt
from autograder.submissions.helpers import Helpers, SourceText, bound_names, helper_files
from autograder.submissions.listing import listed
from autograder.submissions.owners import OwnedFile
from autograder.submissions.pictures import pictures
from autograder.submissions.pretrained import pretrained_files
from autograder.submissions.refusals import Refusals, refuse
from autograder.submissions.scan import Reader
from autograder.submissions.submission import Rejected

__all__ = ["Found", "Wanted", "read_student"]

_FILES_PER_STUDENT = 50
_BYTES_PER_STUDENT = 60 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Wanted:
    """The course's exercises, the exercise of a file that names none, and what belongs to each.

    `models` has the name of the model that an exercise accepts, `pictures` the names of the
    pictures that its questions ask for, `functions` the names of the functions that it asks for.
    """

    exercises: Collection[str]
    default: str = ""
    models: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    functions: Mapping[str, Collection[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What lies below some paths: work that can be graded, and what cannot."""

    attempts: tuple[Attempt, ...] = ()
    refusals: Refusals = field(default_factory=Refusals)

    @classmethod
    def joined(cls, parts: Iterable[Found]) -> Found:
        """Return all parts as one."""
        every = tuple(parts)
        return cls(
            tuple(attempt for part in every for attempt in part.attempts),
            Refusals(
                tuple(refusal for part in every for refusal in part.refusals.rejected),
                tuple(owned for part in every for owned in part.refusals.others),
            ),
        )

    def renamed(self, student: str, conflict: str) -> Found:
        """Return the same under another name, with a sentence that says why."""
        return Found(
            tuple(
                replace(attempt, owned=replace(attempt.owned, student=student, conflict=conflict))
                for attempt in self.attempts
            ),
            Refusals(
                tuple(
                    replace(one, student=student, reason=f"{one.reason} {conflict}")
                    for one in self.refusals.rejected
                ),
                tuple(replace(owned, student=student) for owned in self.refusals.others),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that could be read, with the exercise that it answers, None where it says none.

    It is broken where no code can be read from its bytes.
    """

    text: SourceText
    answer: Answer | None
    is_broken: bool


def read_student(owned_files: Sequence[OwnedFile], reader: Reader, wanted: Wanted) -> Found:
    """Read one student's files, the answers to an exercise with what lies beside them."""
    exercises = wanted.exercises
    readable: list[_Read] = []
    rejected = [refuse(o, o.file.fault, exercises) for o in owned_files if o.file.fault]
    for one in _each_read(owned_files, reader, wanted):
        if isinstance(one, Rejected):
            rejected.append(one)
        else:
            readable.append(one)
    attempts = _attempts(readable, owned_files, reader, wanted)
    beside = {helper.location for attempt in attempts for helper in attempt.helpers}
    for one in readable:
        if one.answer is None and one.text.owned.file.location not in beside:
            rejected.append(_unclear(one.text.owned, exercises))
    others = [o for o in owned_files if not o.is_notebook and not o.file.fault]
    kept = tuple(a for a in attempts if not _is_only_helper(a, attempts, wanted))
    return Found(kept, Refusals(tuple(rejected), tuple(others)))


def _each_read(
    owned_files: Sequence[OwnedFile], reader: Reader, wanted: Wanted
) -> Iterator[_Read | Rejected]:
    files = [owned for owned in owned_files if owned.is_notebook]
    files.sort(key=lambda owned: not file_names.exercise_in(owned.stem, wanted.exercises))
    has_scripts = len(files) > 1 and any(owned.file.suffix == ".py" for owned in files)
    budget = _BYTES_PER_STUDENT
    for number, owned in enumerate(files):
        budget -= owned.file.size
        if number >= _FILES_PER_STUDENT or budget < 0:
            yield refuse(owned, "One student's files are too many to read.", wanted.exercises)
            continue
        try:
            data = reader.read(owned.file.location)
        except UnreadableFile as error:
            yield refuse(owned, str(error), wanted.exercises)
            continue
        code = _code(data, owned.file.suffix) if has_scripts else None
        text = SourceText(owned, code, hashlib.sha256(data).hexdigest())
        seen = notebooks.glance(data, owned.file.suffix)
        folders = owned.file.parts[:-1]
        yield _Read(
            text,
            exercise_answered(seen.exercise, owned.stem, folders, wanted.exercises, wanted.default),
            is_broken=seen.is_broken,
        )


def _code(data: bytes, suffix: str) -> str | None:
    """Return the code of a file, None where it cannot be read: grading says why."""
    try:
        return "\n".join(cell.source for cell in notebooks.read(data, suffix).code)
    except UnreadableNotebook:
        return None


def _attempts(
    readable: Sequence[_Read], owned_files: Sequence[OwnedFile], reader: Reader, wanted: Wanted
) -> list[Attempt]:
    models = pretrained_files(owned_files, wanted.models, reader)
    drawings = pictures(owned_files, wanted.pictures, reader)
    scripts = [one.text for one in readable if one.text.owned.file.suffix == ".py"]
    helpers = Helpers(scripts)
    return [
        Attempt(
            one.text.owned,
            one.answer,
            one.text.sha256,
            model=models.get(one.answer.exercise, ""),
            pictures=drawings.get(one.answer.exercise, ()),
            helpers=helper_files(helpers.imported_by(one.text)) if scripts else (),
            binds=None if one.text.code is None else bound_names(one.text.code),
            is_broken=one.is_broken,
        )
        for one in readable
        if one.answer is not None
    ]


def _is_only_helper(attempt: Attempt, attempts: Sequence[Attempt], wanted: Wanted) -> bool:
    """Return whether a script is named after an exercise but does not answer it.

    It defines no function of that exercise, and the notebook of another exercise imports it.
    """
    exercise = attempt.answer.exercise
    others = [other for other in attempts if other.answer.exercise != exercise]
    if attempt.is_notebook or attempt.binds_of(wanted.functions.get(exercise, ())):
        return False
    return any(other.is_notebook and other.imports(attempt) for other in others)


def _unclear(owned: OwnedFile, exercises: Collection[str]) -> Rejected:
    reason = (
        "It is not clear which exercise this file answers. Please name it after the exercise: "
        f"{listed(f'{name}{owned.file.suffix}' for name in exercises)}."
    )
    return refuse(owned, reason, exercises)
