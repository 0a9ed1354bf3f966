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
from autograder.submissions.owners import OwnedFile
from autograder.submissions.pictures import pictures
from autograder.submissions.pretrained import PretrainedFile, pretrained_files
from autograder.submissions.scan import Reader, open_regular, scan
from autograder.submissions.submission import Collected, Rejected, Submission

_FILES_PER_STUDENT = 50
_BYTES_PER_STUDENT = 60 * MEGABYTE
_NAMES_SHOWN = 5
_MISTAKEN = frozenset(
    f".{ending}"
    for group in ("pdf html htm txt doc docx odt rtf pages", "zip tar gz tgz bz2 xz rar 7z")
    for ending in (*group.split(), "r", "m", "png", "jpg", "jpeg", "heic", "keras", "h5", "pkl")
)
"""Endings of files that students hand in by mistake; all other endings are ignored."""


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
        raise ValueError(f"There is no exercise {exercise!r}. Known: {_listed(exercises)}.")
    attempts: list[Attempt] = []
    rejected: list[Rejected] = []
    archives = _class_archives(paths)
    wanted = _Wanted(exercises, exercise or "", models or {}, pictures or {})
    for path, group in _arguments([*paths, *archives]):
        more_attempts, more_rejected = _below(path, group, wanted, frozenset(archives))
        attempts += more_attempts
        rejected += more_rejected
    submissions = [_chosen(group) for group in latest_first(attempts)]
    remaining, notes = _fold(rejected, submissions)
    noted = [
        replace(
            submission,
            notes=submission.notes
            + notes[submission.student, submission.exercise]
            + notes[submission.student, ""],
        )
        for submission in submissions
    ]
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
    wanted: _Wanted,
    archives: frozenset[Path],
) -> tuple[list[Attempt], list[Rejected]]:
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
        attempts: list[Attempt] = []
        rejected: list[Rejected] = []
        for owned_files in by_student.values():
            more_attempts, more_rejected = _of_student(owned_files, reader, wanted)
            attempts += more_attempts
            rejected += more_rejected
    if not attempts and not rejected:
        what = owners.clean_name((paths[0] if len(paths) == 1 else root).resolve().name or "/")
        reason = f"There is no notebook (.ipynb, .py) and no zip archive of notebooks in {what}."
        rejected.append(Rejected("", "", what, reason))
    return attempts, rejected


def _of_student(
    owned_files: list[OwnedFile], reader: Reader, wanted: _Wanted
) -> tuple[list[Attempt], list[Rejected]]:
    attempts: list[Attempt] = []
    rejected: list[Rejected] = []
    exercises = wanted.exercises
    models = pretrained_files(owned_files, wanted.models, reader)
    shown = pictures(owned_files, wanted.pictures, reader)
    notebooks = [owned for owned in owned_files if owned.file.is_notebook and not owned.file.fault]
    notebooks.sort(key=lambda owned: not file_names.exercise_in(owned.stem, exercises))
    budget = _BYTES_PER_STUDENT
    for number, owned in enumerate(notebooks):
        budget -= owned.file.size
        if number >= _FILES_PER_STUDENT or budget < 0:
            reason = "One student's files are too many to read."
            rejected.append(_refuse(owned, reason, exercises))
            continue
        read = _attempt(owned, reader, wanted)
        if isinstance(read, Attempt):
            name = read.answer.exercise
            model, drawn = models.get(name, ""), shown.get(name, ())
            attempts.append(replace(read, model=model, pictures=drawn))
        else:
            rejected.append(read)
    faulty = [owned for owned in owned_files if owned.file.fault]
    rejected += [_refuse(owned, owned.file.fault, exercises) for owned in faulty]
    if not attempts and not rejected:
        rejected += _without_notebook(owned_files)
    return attempts, rejected


def _attempt(owned: OwnedFile, reader: Reader, wanted: _Wanted) -> Attempt | Rejected:
    exercises = wanted.exercises
    try:
        data = reader.read(owned.file.location)
    except UnreadableFile as error:
        return _refuse(owned, str(error), exercises)
    stated = stated_exercise(data, owned.file.suffix)
    folders = owned.file.parts[:-1]
    answer = exercise_answered(stated, owned.stem, folders, exercises, wanted.default)
    if answer is not None:
        return Attempt(owned, answer, hashlib.sha256(data).hexdigest())
    reason = (
        "It is not clear which exercise this file answers. Please name it after the exercise: "
        f"{_listed(f'{name}{owned.file.suffix}' for name in exercises)}."
    )
    return _refuse(owned, reason, exercises)


def _refuse(owned: OwnedFile, reason: str, exercises: Collection[str]) -> Rejected:
    exercise = file_names.exercise_in(owned.stem, exercises) or owned.folder_exercise
    return Rejected(owned.student, exercise, _source(owned), reason)


def _without_notebook(owned_files: list[OwnedFile]) -> list[Rejected]:
    """Return a refusal for a student whose files all have an ending that cannot be graded."""
    mistaken = [owned for owned in owned_files if owned.file.suffix in _MISTAKEN]
    if not mistaken:
        return []
    names = _listed(_file_name(owned) for owned in mistaken)
    reason = (
        f"There is no notebook here, only {names}. "
        "Please hand in the notebook itself (.ipynb), a .py file or a plain .zip of them."
    )
    return [Rejected(mistaken[0].student, "", _source(mistaken[0]), reason)]


def _chosen(group: list[Attempt]) -> Submission:
    chosen, *others = group
    notes = (chosen.answer.note,) if chosen.answer.note else ()
    model = chosen.model if isinstance(chosen.model, PretrainedFile) else None
    if isinstance(chosen.model, str) and chosen.model:
        notes = (*notes, f"Your model could not be used. {chosen.model}")
    if others:
        names = _listed(_source(other.owned) for other in others)
        notes = (*notes, f"Graded the latest of {len(group)} files; not graded: {names}.")
    return Submission(
        student=chosen.owned.student,
        exercise=chosen.answer.exercise,
        source=_source(chosen.owned),
        suffix=chosen.owned.file.suffix,
        sha256=chosen.sha256,
        notes=notes,
        location=chosen.owned.file.location,
        model=model,
        pictures=chosen.pictures,
    )


def _fold(
    rejected: Sequence[Rejected], submissions: Sequence[Submission]
) -> tuple[list[Rejected], defaultdict[tuple[str, str], tuple[str, ...]]]:
    """Return the refusals of ungraded work; those beside graded work become notes to it."""
    graded = {(submission.student, submission.exercise) for submission in submissions}
    graded |= {(submission.student, "") for submission in submissions}
    groups: defaultdict[tuple[str, str], list[Rejected]] = defaultdict(list)
    remaining = [refusal for refusal in rejected if not refusal.student]
    for refusal in rejected:
        if refusal.student:
            groups[refusal.student, refusal.exercise].append(refusal)
    notes: defaultdict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
    for key, group in groups.items():
        first = _first(group)
        if key in graded:
            notes[key] = (f"Not used: {first.source}. {first.reason}",)
        else:
            remaining.append(first)
    return remaining, notes


def _first(group: list[Rejected]) -> Rejected:
    """Return the first refusal by source; its reason also names the others' sources."""
    first, *others = sorted(group, key=lambda refusal: refusal.source)
    if not others:
        return first
    more = f" Not used either: {_listed(refusal.source for refusal in others)}."
    return replace(first, reason=first.reason + more)


def _source(owned: OwnedFile) -> str:
    """Return where a file lies, in characters that can be shown anywhere."""
    text = owned.file.display.encode("utf-8", "replace").decode()
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return shown if len(shown) <= 300 else f"{shown[:140]}…{shown[-150:]}"


def _file_name(owned: OwnedFile) -> str:
    return _source(owned).rpartition("/")[2]


def _listed(names: Iterable[str]) -> str:
    """Return a sorted list for a sentence, shortened when long."""
    every = sorted(names)
    more = f" and {len(every) - _NAMES_SHOWN} more" if len(every) > _NAMES_SHOWN else ""
    return ", ".join(every[:_NAMES_SHOWN]) + more
