"""Finds a class's submissions: files below paths and in archives, with student and exercise."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import MissingPath, UnreadableFile
from autograder.notebooks.file_size import MEGABYTE
from autograder.notebooks.reader import stated_exercise
from autograder.submissions import file_names, owners, platforms
from autograder.submissions.answers import exercise_answered
from autograder.submissions.archive import Archive
from autograder.submissions.attempts import Attempt, latest_first
from autograder.submissions.listing import listed, shown
from autograder.submissions.owners import OwnedFile
from autograder.submissions.pictures import pictures
from autograder.submissions.pretrained import PretrainedFile, pretrained_files
from autograder.submissions.refusals import Refusals, refuse
from autograder.submissions.scan import Reader, open_regular, scan
from autograder.submissions.submission import Collected, Rejected, Submission

_FILES_PER_STUDENT = 50
_BYTES_PER_STUDENT = 60 * MEGABYTE


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The course's exercises, the exercise of a file that names none, and what may lie beside it.

    `models` has the name of the model that an exercise accepts, `pictures` the names of the
    pictures that its questions ask for.
    """

    exercises: Collection[str]
    default: str
    models: Mapping[str, str]
    pictures: Mapping[str, tuple[str, ...]]


def collect(
    paths: Sequence[Path],
    exercises: Collection[str],
    *,
    exercise: str | None = None,
    models: Mapping[str, str] | None = None,
    pictures: Mapping[str, tuple[str, ...]] | None = None,
) -> Collected:
    """Find the submissions for `exercises` below `paths`: files, folders and zip archives.

    `exercise` is the exercise of files that name none. Equal names in several paths are one
    student; of several attempts the latest counts and says so in its notes. A file that cannot be
    used becomes a Rejected. `models` maps each exercise that accepts a trained model beside the
    notebook to the model's file name, and `pictures` each exercise whose questions ask for pictures
    to the pictures' names. Raises MissingPath, and ValueError for an unknown `exercise`.
    """
    if exercise is not None and exercise not in exercises:
        raise ValueError(f"There is no exercise {exercise!r}. Known: {listed(exercises)}.")
    archives = _class_archives(paths)
    wanted = _Wanted(exercises, exercise or "", models or {}, pictures or {})
    found = _Found.joined(
        [
            _below(path, group, wanted, frozenset(archives))
            for path, group in _arguments([*paths, *archives])
        ]
    )
    submissions = [_chosen(group) for group in latest_first(found.attempts)]
    noted, remaining = Refusals(found.rejected, found.others).settle(submissions, exercises)
    return Collected(
        tuple(sorted(noted, key=lambda s: (s.student, s.exercise, s.source))),
        tuple(sorted(remaining, key=lambda r: (r.student, r.exercise, r.source, r.reason))),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What lies below some paths: work that can be graded, files that cannot be read, and others.

    The others have an ending that is not graded, or are empty folders.
    """

    attempts: tuple[Attempt, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    others: tuple[OwnedFile, ...] = ()

    @classmethod
    def joined(cls, parts: Iterable[_Found]) -> _Found:
        """Return all parts as one."""
        every = tuple(parts)
        return cls(
            tuple(attempt for part in every for attempt in part.attempts),
            tuple(refusal for part in every for refusal in part.rejected),
            tuple(owned for part in every for owned in part.others),
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
    wanted: _Wanted,
    archives: frozenset[Path],
) -> _Found:
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
        found = _Found.joined(
            _of_student(owned_files, reader, wanted) for owned_files in by_student.values()
        )
    if found == _Found():
        what = owners.clean_name((paths[0] if len(paths) == 1 else root).resolve().name or "/")
        reason = f"There is no notebook (.ipynb, .py) and no zip archive of notebooks in {what}."
        return _Found(rejected=(Rejected("", "", what, reason),))
    return found


def _of_student(owned_files: list[OwnedFile], reader: Reader, wanted: _Wanted) -> _Found:
    attempts: list[Attempt] = []
    rejected: list[Rejected] = []
    exercises = wanted.exercises
    models = pretrained_files(owned_files, wanted.models, reader)
    drawings = pictures(owned_files, wanted.pictures, reader)
    notebooks = [owned for owned in owned_files if owned.is_notebook]
    notebooks.sort(key=lambda owned: not file_names.exercise_in(owned.stem, exercises))
    budget = _BYTES_PER_STUDENT
    for number, owned in enumerate(notebooks):
        budget -= owned.file.size
        if number >= _FILES_PER_STUDENT or budget < 0:
            reason = "One student's files are too many to read."
            rejected.append(refuse(owned, reason, exercises))
            continue
        read = _attempt(owned, reader, wanted)
        if isinstance(read, Attempt):
            name = read.answer.exercise
            model, drawn = models.get(name, ""), drawings.get(name, ())
            attempts.append(replace(read, model=model, pictures=drawn))
        else:
            rejected.append(read)
    faulty = [owned for owned in owned_files if owned.file.fault]
    rejected += [refuse(owned, owned.file.fault, exercises) for owned in faulty]
    others = [o for o in owned_files if not o.is_notebook and not o.file.fault]
    return _Found(tuple(attempts), tuple(rejected), tuple(others))


def _attempt(owned: OwnedFile, reader: Reader, wanted: _Wanted) -> Attempt | Rejected:
    exercises = wanted.exercises
    try:
        data = reader.read(owned.file.location)
    except UnreadableFile as error:
        return refuse(owned, str(error), exercises)
    stated = stated_exercise(data, owned.file.suffix)
    folders = owned.file.parts[:-1]
    answer = exercise_answered(stated, owned.stem, folders, exercises, wanted.default)
    if answer is not None:
        return Attempt(owned, answer, hashlib.sha256(data).hexdigest())
    reason = (
        "It is not clear which exercise this file answers. Please name it after the exercise: "
        f"{listed(f'{name}{owned.file.suffix}' for name in exercises)}."
    )
    return refuse(owned, reason, exercises)


def _chosen(group: list[Attempt]) -> Submission:
    chosen, *others = group
    notes = (chosen.answer.note,) if chosen.answer.note else ()
    model = chosen.model if isinstance(chosen.model, PretrainedFile) else None
    if isinstance(chosen.model, str) and chosen.model:
        notes = (*notes, f"Your model could not be used. {chosen.model}")
    if others:
        names = listed(shown(other.owned.file.display) for other in others)
        notes = (*notes, f"Graded the latest of {len(group)} files; not graded: {names}.")
    return Submission(
        student=chosen.owned.student,
        exercise=chosen.answer.exercise,
        source=shown(chosen.owned.file.display),
        suffix=chosen.owned.file.suffix,
        sha256=chosen.sha256,
        notes=notes,
        location=chosen.owned.file.location,
        model=model,
        pictures=chosen.pictures,
    )
