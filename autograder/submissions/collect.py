"""Finds what was handed in, below paths and inside archives, and whose and what it is."""

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
from autograder.submissions.pretrained import PretrainedFile, brought
from autograder.submissions.scan import Reader, find, open_regular
from autograder.submissions.submission import Collected, Rejected, Submission

_FILES_PER_STUDENT = 50
_BYTES_PER_STUDENT = 60 * MEGABYTE
_NAMES_SHOWN = 5
_MISTAKEN = frozenset(
    f".{ending}"
    for group in ("pdf html htm txt doc docx odt rtf pages", "zip tar gz tgz bz2 xz rar 7z")
    for ending in (*group.split(), "r", "m", "png", "jpg", "jpeg", "heic", "keras", "h5", "pkl")
)
"""Endings of what students hand in by mistake; other stray files are passed over in silence."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What submissions are wanted: for which exercises, and what a file is if it does not say."""

    exercises: Collection[str]
    default: str
    models: Mapping[str, str]


def collect(
    paths: Sequence[Path],
    exercises: Collection[str],
    *,
    exercise: str | None = None,
    models: Mapping[str, str] | None = None,
) -> Collected:
    """Find the submissions for `exercises` below `paths`: files, folders and zip archives.

    `exercise` is what a file answers that does not say so itself. One name in several paths is
    one student; of several attempts the latest counts and says so in its notes. A file that
    cannot be used becomes a Rejected. `models` says which exercises accept a trained model beside
    the notebook, and under which name. Raises NoSuchPath, ValueError for an unknown `exercise`.
    """
    if exercise is not None and exercise not in exercises:
        raise ValueError(f"There is no exercise {exercise!r}. Known: {_listed(exercises)}.")
    attempts: list[Attempt] = []
    rejected: list[Rejected] = []
    archives = _class_archives(paths)
    asked = _Asked(exercises, exercise or "", models or {})
    for path, group in _arguments([*paths, *archives]):
        found, refused = _below(path, group, asked, frozenset(archives))
        attempts += found
        rejected += refused
    submissions = [_chosen(group) for group in latest_first(attempts)]
    kept, notes = _fold(rejected, submissions)
    noted = [
        replace(one, notes=one.notes + notes[one.student, one.exercise] + notes[one.student, ""])
        for one in submissions
    ]
    return Collected(
        tuple(sorted(noted, key=lambda s: (s.student, s.exercise, s.source))),
        tuple(sorted(kept, key=lambda r: (r.student, r.exercise, r.source, r.reason))),
    )


def _class_archives(paths: Sequence[Path]) -> list[Path]:
    """Return the archives of a learning platform that lie directly in one of the folders.

    Each holds a class of its own: read as one student's, it would lose all but one of them.
    """
    zips = [file for path in paths if path.is_dir() for file in sorted(path.glob("*.zip"))]
    return [file for file in zips if file not in paths and _is_class_archive(file)]


def _is_class_archive(path: Path) -> bool:
    try:
        with open_regular(path) as stream, Archive(stream) as archive:
            tops = {member.parts[0] for member in archive.members}
    except (OSError, UnreadableFile):
        return False  # what is wrong with it is told when it is read as a submission
    return any(platforms.parse(name) is not None for name in tops)


def _arguments(paths: Sequence[Path]) -> list[tuple[Path, list[Path]]]:
    """Return (root, paths) groups: notebooks given by name are their folder's, listed in part."""
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
    asked: _Asked,
    archives: frozenset[Path],
) -> tuple[list[Attempt], list[Rejected]]:
    elsewhere = archives - set(paths)
    with Reader() as reader:
        found_items = (item for path in paths for item in find(path, reader))
        items = [item for item in found_items if item.location.path not in elsewhere]
        name = root.stem if root.suffix.lower() == ".zip" and root.is_file() else root.name
        if not asked.default and name in asked.exercises:
            asked = replace(asked, default=name)  # the folder around all others
        owned = owners.assign(items, name, asked.exercises)
        by_student: defaultdict[str, list[OwnedFile]] = defaultdict(list)
        for one in owned:
            by_student[one.student].append(one)
        attempts: list[Attempt] = []
        rejected: list[Rejected] = []
        for theirs in by_student.values():
            found, refused = _of_student(theirs, reader, asked)
            attempts += found
            rejected += refused
    if not attempts and not rejected:
        what = owners.clean_name((paths[0] if len(paths) == 1 else root).resolve().name or "/")
        reason = f"There is no notebook (.ipynb, .py) and no zip archive of notebooks in {what}."
        rejected.append(Rejected("", "", what, reason))
    return attempts, rejected


def _of_student(
    owned: list[OwnedFile], reader: Reader, asked: _Asked
) -> tuple[list[Attempt], list[Rejected]]:
    attempts: list[Attempt] = []
    rejected: list[Rejected] = []
    exercises = asked.exercises
    models = brought(owned, asked.models, reader)
    notebooks = [one for one in owned if one.item.is_notebook and not one.item.fault]
    notebooks.sort(key=lambda one: not file_names.exercise_in(one.stem, exercises))
    left = _BYTES_PER_STUDENT
    for number, one in enumerate(notebooks):
        left -= one.item.size
        if number >= _FILES_PER_STUDENT or left < 0:
            rejected.append(_refuse(one, "One student's files are too many to read.", exercises))
            continue
        read = _attempt(one, reader, asked)
        if isinstance(read, Attempt):
            attempts.append(replace(read, model=models.get(read.answer.exercise, "")))
        else:
            rejected.append(read)
    rejected += [_refuse(one, one.item.fault, exercises) for one in owned if one.item.fault]
    if not attempts and not rejected:
        rejected += _without_notebook(owned)
    return attempts, rejected


def _attempt(owned: OwnedFile, reader: Reader, asked: _Asked) -> Attempt | Rejected:
    exercises = asked.exercises
    try:
        data = reader.read(owned.item.location)
    except UnreadableFile as error:
        return _refuse(owned, str(error), exercises)
    stated = stated_exercise(data, owned.item.suffix)
    folders = owned.item.parts[:-1]
    answer = exercise_answered(stated, owned.stem, folders, exercises, asked.default)
    if answer is not None:
        return Attempt(owned, answer, hashlib.sha256(data).hexdigest())
    reason = (
        "It is not clear which exercise this file answers. Please name it after the exercise: "
        f"{_listed(f'{name}{owned.item.suffix}' for name in exercises)}."
    )
    return _refuse(owned, reason, exercises)


def _refuse(owned: OwnedFile, reason: str, exercises: Collection[str]) -> Rejected:
    exercise = file_names.exercise_in(owned.stem, exercises) or owned.folder_exercise
    return Rejected(owned.student, exercise, _source(owned), reason)


def _without_notebook(owned: list[OwnedFile]) -> list[Rejected]:
    """Say so when a student handed in something, but nothing that can be graded."""
    mistaken = [one for one in owned if one.item.suffix in _MISTAKEN]
    if not mistaken:
        return []
    names = _listed(_file_name(one) for one in mistaken)
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
        suffix=chosen.owned.item.suffix,
        sha256=chosen.sha256,
        notes=notes,
        location=chosen.owned.item.location,
        model=model,
    )


def _fold(
    rejected: Sequence[Rejected], submissions: Sequence[Submission]
) -> tuple[list[Rejected], defaultdict[tuple[str, str], tuple[str, ...]]]:
    """Turn into notes the refusals of students whose work on that exercise is graded anyway."""
    graded = {(one.student, one.exercise) for one in submissions}
    graded |= {(one.student, "") for one in submissions}
    groups: defaultdict[tuple[str, str], list[Rejected]] = defaultdict(list)
    kept = [one for one in rejected if not one.student]
    for one in rejected:
        if one.student:
            groups[one.student, one.exercise].append(one)
    notes: defaultdict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
    for key, group in groups.items():
        first = _first(group)
        if key in graded:
            notes[key] = (f"Not used: {first.source}. {first.reason}",)
        else:
            kept.append(first)
    return kept, notes


def _first(group: list[Rejected]) -> Rejected:
    first, *others = sorted(group, key=lambda one: one.source)
    if not others:
        return first
    more = f" Not used either: {_listed(one.source for one in others)}."
    return replace(first, reason=first.reason + more)


def _source(owned: OwnedFile) -> str:
    """Return where a file lies, in characters that can be shown anywhere."""
    text = owned.item.display.encode("utf-8", "replace").decode()
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return shown if len(shown) <= 300 else f"{shown[:140]}…{shown[-150:]}"


def _file_name(owned: OwnedFile) -> str:
    return _source(owned).rpartition("/")[2]


def _listed(names: Iterable[str]) -> str:
    """Return a sorted list for a sentence, shortened when long."""
    every = sorted(names)
    more = f" and {len(every) - _NAMES_SHOWN} more" if len(every) > _NAMES_SHOWN else ""
    return ", ".join(every[:_NAMES_SHOWN]) + more
