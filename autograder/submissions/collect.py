"""Finds a class's submissions: files below paths and in archives, with student and exercise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.errors import MissingPath, UnreadableFile
from autograder.submissions import owners, platforms
from autograder.submissions.archive import Archive
from autograder.submissions.attempts import ByExercise, latest_first
from autograder.submissions.listing import listed, shown
from autograder.submissions.owners import OwnedFile
from autograder.submissions.pretrained import PretrainedFile
from autograder.submissions.refusals import Refusals
from autograder.submissions.scan import Reader, open_regular, scan
from autograder.submissions.student_files import Found, Wanted, read_student
from autograder.submissions.submission import Collected, Rejected, Submission
from autograder.submissions.ungraded import reason_without_notebook

__all__ = ["collect"]


def collect(
    paths: Sequence[Path],
    exercises: Collection[str],
    *,
    exercise: str | None = None,
    models: Mapping[str, str] | None = None,
    pictures: Mapping[str, tuple[str, ...]] | None = None,
    functions: Mapping[str, Collection[str]] | None = None,
) -> Collected:
    """Find the submissions for `exercises` below `paths`: files, folders and zip archives.

    `exercise` is the exercise of files that name none. Equal names in several paths are one
    student; of several attempts the latest counts and says so in its notes. A file that cannot be
    used becomes a Rejected. `models` maps each exercise that accepts a trained model beside the
    notebook to the model's file name, and `pictures` each exercise whose questions ask for pictures
    to the pictures' names. `functions` maps each exercise to the functions that it asks for: they
    tell an answer from a module that lies beside it. Raises MissingPath, and ValueError for an
    unknown `exercise`.
    """
    if exercise is not None and exercise not in exercises:
        raise ValueError(f"There is no exercise {exercise!r}. Known: {listed(exercises)}.")
    archives = _class_archives(paths)
    wanted = Wanted(exercises, exercise or "", models or {}, pictures or {}, functions or {})
    found = Found.joined(
        [
            _below(path, group, wanted, frozenset(archives))
            for path, group in _arguments([*paths, *archives])
        ]
    )
    submissions = [
        _submission(group) for group in latest_first(found.attempts, exercises, wanted.functions)
    ]
    noted, remaining = found.refusals.settle(submissions, exercises)
    return Collected(
        tuple(sorted(noted, key=lambda s: (s.student, s.exercise, s.source))),
        tuple(sorted(remaining, key=lambda r: (r.student, r.exercise, r.source, r.reason))),
    )


def _class_archives(paths: Sequence[Path]) -> list[Path]:
    """Return the archives of a learning platform that lie directly in one of the folders.

    Each holds a whole class: read as a single student's, it would lose all other students.
    """
    zips = [file for path in paths if path.is_dir() for file in sorted(path.glob("*.zip"))]
    return [file for file in zips if file not in paths and _is_class_archive(file)]


def _is_class_archive(path: Path) -> bool:
    try:
        with open_regular(path) as stream, Archive(stream) as archive:
            tops = {member.parts[0] for member in archive.members}
    except (OSError, UnreadableFile):
        return False  # the reason is reported when the file is read as a submission
    return any(platforms.parse(name) is not None for name in tops)


def _arguments(paths: Sequence[Path]) -> list[tuple[Path, list[Path]]]:
    """Return (root, paths) groups: notebooks given by name form a group below their folder."""
    groups: dict[tuple[Path, bool], list[Path]] = {}
    for path in paths:
        try:
            path.stat()
        except (OSError, ValueError) as error:
            reason = f"There is no file or folder {path} to read. Check the spelling."
            raise MissingPath(reason) from error
        whole = path.is_dir() or path.suffix.lower() == ".zip"
        root = path.resolve() if whole else path.resolve().parent
        groups.setdefault((root, whole), []).append(path)
    return [
        (root, group[:1] if whole else list({path.resolve(): path for path in group}.values()))
        for (root, whole), group in groups.items()
    ]


def _below(
    root: Path,
    paths: Sequence[Path],
    wanted: Wanted,
    archives: frozenset[Path],
) -> Found:
    elsewhere = archives - set(paths)
    with Reader() as reader:
        files = [
            file
            for path in paths
            for file in scan(path, reader)
            if file.location.path not in elsewhere
        ]
        name = root.stem if root.suffix.lower() == ".zip" and root.is_file() else root.name
        if not wanted.default and name in wanted.exercises:
            wanted = replace(wanted, default=name)  # the folder around all others
        by_student: defaultdict[str, list[OwnedFile]] = defaultdict(list)
        for owned in owners.assign(files, name, wanted.exercises):
            by_student[owned.student].append(owned)
        found = Found.joined(
            read_student(owned_files, reader, wanted) for owned_files in by_student.values()
        )
    if found == Found():
        return Found(refusals=Refusals((_nothing(root, paths),)))
    return found


def _nothing(root: Path, paths: Sequence[Path]) -> Rejected:
    """Return the row for paths below which there is nothing that belongs to anybody."""
    names = [shown(path.name) for path in paths if path.suffix.lower() != ".zip" and path.is_file()]
    if names:  # files that the instructor named one by one are those of their folder's student
        student = owners.clean_name(root.name or "/")
        return Rejected(student, "", names[0], reason_without_notebook(names, ()))
    what = owners.clean_name((paths[0] if len(paths) == 1 else root).resolve().name or "/")
    reason = f"There is no notebook (.ipynb, .py) and no zip archive of notebooks in {what}."
    return Rejected("", "", what, reason)


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
    if chosen.answer.note:
        yield chosen.answer.note
    if isinstance(chosen.model, str) and chosen.model:
        yield f"Your model could not be used. {chosen.model}"
    broken = [other for other in others if other.is_broken and not chosen.is_broken]
    older = [other for other in others if other not in broken]
    if older:
        names = listed(shown(other.owned.file.display) for other in older)
        yield f"Graded the latest of {len(older) + 1} files; not graded: {names}."
    if broken:
        names = listed(shown(other.owned.file.display) for other in broken)
        yield f"Not graded, since no code can be read from it: {names}."
    used = {helper.location for helper in chosen.helpers}
    if used:
        names = listed(shown(helper.source) for helper in chosen.helpers)
        yield f"Beside it while it was graded, since it imports them: {names}."
    asides = [other for other in group.asides if other.owned.file.location not in used]
    if asides:
        names = listed(shown(other.owned.file.display) for other in asides)
        yield f"Not graded, since the answer is another file: {names}."
