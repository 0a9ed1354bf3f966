"""Finds a class's submissions: files below paths and in archives, with student and exercise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.submissions import owners
from autograder.submissions.arguments import Argument, arguments, class_archives, students_own
from autograder.submissions.attempts import ByExercise, latest_first
from autograder.submissions.class_level import is_archive
from autograder.submissions.conflicts import Share, told_apart
from autograder.submissions.found_file import FoundFile
from autograder.submissions.listing import listed, shown
from autograder.submissions.owners import OwnedFile, Place
from autograder.submissions.pretrained import PretrainedFile
from autograder.submissions.refusals import Refusals
from autograder.submissions.scan import Reader, scan
from autograder.submissions.student_files import Found, Wanted, read_student
from autograder.submissions.submission import Collected, Rejected, Submission
from autograder.submissions.ungraded import reason_without_notebook
from autograder.submissions.unnamed_classes import unnamed_classes

__all__ = ["collect"]


def collect(
    paths: Sequence[Path],
    exercises: Collection[str],
    *,
    exercise: str | None = None,
    models: Mapping[str, str] | None = None,
    pictures: Mapping[str, tuple[str, ...]] | None = None,
    functions: Mapping[str, Collection[str]] | None = None,
    output: Path | None = None,
) -> Collected:
    """Find the submissions for `exercises` below `paths`: files, folders and zip archives.

    `exercise` is the exercise of files that name none. Of several attempts the latest counts and
    says so in its notes. Equal names in several places are one student, unless different files
    answer one exercise: then each place has a row of its own, and says so. A file that cannot be
    used becomes a Rejected, and so does an archive or a folder that may be a class which nobody
    named. `models` maps each exercise that accepts a trained model beside the
    notebook to the model's file name, and `pictures` each exercise whose questions ask for pictures
    to the pictures' names. `functions` maps each exercise to the functions that it asks for: they
    tell an answer from a module that lies beside it. The folder `output` is passed over.
    Raises MissingPath, and ValueError for an unknown `exercise`.
    """
    if exercise is not None and exercise not in exercises:
        raise ValueError(f"There is no exercise {exercise!r}. Known: {listed(exercises)}.")
    wanted = Wanted(exercises, exercise or "", models or {}, pictures or {}, functions or {})
    found = Found.joined(_found(paths, wanted, None if output is None else output.resolve()))
    submissions = [
        _submission(group) for group in latest_first(found.attempts, exercises, wanted.functions)
    ]
    noted, remaining = found.refusals.settle(submissions, exercises)
    return Collected(
        tuple(sorted(noted, key=lambda s: (s.student, s.exercise, s.source))),
        tuple(sorted(remaining, key=lambda r: (r.student, r.exercise, r.source, r.reason))),
    )


def _found(paths: Sequence[Path], wanted: Wanted, output: Path | None) -> Iterator[Found]:
    """Yield what lies in the places that were named."""
    archives = class_archives(paths, output)
    scanned = [
        (one, _files(one, frozenset(archives), output)) for one in arguments([*paths, *archives])
    ]
    own = students_own(scanned, wanted.exercises)
    shares: list[Share] = []
    for one, files in scanned:
        is_own = one.place in own
        here = _shares(one, files, wanted, is_own)
        is_around_a_class = any(archive.parent in one.paths for archive in archives)
        if all(share.found == Found() for share in here) and not is_around_a_class:
            yield Found(refusals=Refusals((_nothing(one, is_own),)))
        shares += here
        attempts = [attempt for share in here for attempt in share.found.attempts]
        doubts = unnamed_classes(one, files, attempts, is_own, wanted.exercises)
        yield Found(refusals=Refusals(tuple(doubts)))
    yield from told_apart(shares, wanted.exercises)


def _files(one: Argument, archives: frozenset[Path], output: Path | None) -> list[FoundFile]:
    """Return the files of an argument, without those of archives that are classes of their own."""
    elsewhere = {path.resolve() for path in archives - set(one.paths)}
    with Reader() as reader:
        return [
            file
            for path in one.paths
            for file in scan(path, reader, output)
            if file.location.path not in elsewhere
        ]


def _shares(one: Argument, files: Sequence[FoundFile], wanted: Wanted, is_own: bool) -> list[Share]:
    if not wanted.default and one.name in wanted.exercises:
        wanted = replace(wanted, default=one.name)  # the folder around all others
    by_place: defaultdict[tuple[str, Place], list[OwnedFile]] = defaultdict(list)
    for owned in owners.assign(files, one.name, wanted.exercises, is_one_students=is_own):
        by_place[owned.student, owned.place].append(owned)
    with Reader() as reader:
        return [
            Share(student, one, place, read_student(owned_files, reader, wanted))
            for (student, place), owned_files in by_place.items()
        ]


def _nothing(one: Argument, is_own: bool) -> Rejected:
    """Return the row for a place in which there is nothing that belongs to anybody."""
    names = [shown(path.name) for path in one.paths if not is_archive(path.name) and path.is_file()]
    student = owners.clean_name(one.name or "/")
    if names:  # files that the instructor named one by one are those of their folder's student
        return Rejected(student, "", names[0], reason_without_notebook(names, ()))
    what = owners.clean_name(one.place.name or "/")
    reason = f"There is no notebook (.ipynb, .py) and no zip archive of notebooks in {what}."
    return Rejected(student if is_own else "", "", what, reason)


def _submission(group: ByExercise) -> Submission:
    chosen = group.answers[0]
    return Submission(
        student=chosen.owned.student,
        exercise=chosen.answer.exercise,
        source=shown(chosen.owned.file.display),
        suffix=chosen.owned.file.suffix,
        sha256=chosen.sha256,
        notes=tuple(_notes(group)),
        location=chosen.owned.file.location,
        model=chosen.model if isinstance(chosen.model, PretrainedFile) else None,
        pictures=chosen.pictures,
        helpers=chosen.helpers,
    )


def _notes(group: ByExercise) -> Iterator[str]:
    chosen, *others = group.answers
    if chosen.owned.conflict:
        yield chosen.owned.conflict
    if chosen.answer.note:
        yield chosen.answer.note
    if isinstance(chosen.model, str) and chosen.model:
        yield f"Your model could not be used. {chosen.model}"
    broken = [other for other in others if other.is_broken and not chosen.is_broken]
    older = [other for other in others if other not in broken]
    if older:
        names = listed(other.owned.file.display for other in older)
        yield f"Graded the latest of {len(older) + 1} files; not graded: {names}."
    if broken:
        names = listed(other.owned.file.display for other in broken)
        yield f"Not graded, since no code can be read from it: {names}."
    used = {helper.location for helper in chosen.helpers}
    if used:
        names = listed(helper.source for helper in chosen.helpers)
        yield f"Beside it while it was graded, since it imports them: {names}."
    asides = [other for other in group.asides if other.owned.file.location not in used]
    if asides:
        names = listed(other.owned.file.display for other in asides)
        yield f"Not graded, since the answer is another file: {names}."
