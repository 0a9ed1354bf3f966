"""Decides which student a file belongs to, and under which name the student is shown."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from autograder.submissions import file_names, platforms
from autograder.submissions.answers import exercise_of_folders
from autograder.submissions.platforms import PlatformName
from autograder.submissions.scan import ARCHIVE, FoundFile

NAME_LENGTH = 80
_JOINERS = "\u200c\u200d"
"""Invisible letters that Persian, Hindi and emoji names need."""


@dataclass(frozen=True, slots=True)
class Person:
    """One student inside one path: `qualifier` tells people of one name apart."""

    name: str
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class OwnedFile:
    """A file and its student.

    `stem` is the student's own file name without its ending, `attempt` the platform's number of the
    upload (0 without one), `copy` the N of `name-N`, `folder_exercise` the innermost folder that is
    named like an exercise, '' without one.
    """

    file: FoundFile
    student: str
    stem: str
    attempt: int
    copy: int
    folder_exercise: str = ""


def assign(files: Sequence[FoundFile], root: str, exercises: Collection[str]) -> list[OwnedFile]:
    """Return each file with its student; `root` is the name of the folder or archive itself.

    A platform's name counts at the top only: further down a student chose it. Two people of one
    name in one path stay two. Files that belong to no student (a class folder's own read-me) are
    left out.
    """
    is_wrapped = len({file.parts[0] for file in files}) == 1
    platform_names = {file: _platform_name(file.parts, root, is_wrapped) for file in files}
    others = [file for file in files if platform_names[file] is None]
    folders = _student_folders(others, exercises)
    owners_in_names = _owners_in_names(others, exercises)
    people: dict[FoundFile, Person] = {}
    for file in files:
        platform_name = platform_names[file]
        if platform_name is not None:
            if platform_name.is_file:
                people[file] = Person(platform_name.student, platform_name.id)
            continue
        folder = folders[file]
        if folder:
            people[file] = Person(_bare(folder[-1]), " ".join(folder[:-1]))
        elif file in owners_in_names:
            people[file] = Person(owners_in_names[file])
        elif file.is_notebook or (file.fault and file.parts[-1]):
            people[file] = Person(_bare(root))
        elif file.fault:
            people[file] = Person("")
    names = _display_names(set(people.values()))
    return [
        _owned(file, names[person], platform_names[file], exercises)
        for file, person in people.items()
    ]


def clean_name(raw: str) -> str:
    """Return a name that is safe to show: NFC, no control characters, separators or paths.

    A name that lost characters gets a short digest of the raw name, so that two people whose
    names differ only there stay two.
    """
    text = unicodedata.normalize("NFC", raw)
    spaced = "".join(" " if unicodedata.category(char) in _SPACES else char for char in text)
    safe = "".join(char for char in spaced if _is_safe(char))
    name = " ".join(safe.split())[:NAME_LENGTH].strip()
    if name.strip(" .") == "":
        name = "unnamed"
    if name == text.strip(" "):
        return name
    digest = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{name}~{digest}"


_SPACES = ("Zl", "Zp")


def _is_safe(char: str) -> bool:
    if char in "/\\":
        return False
    return char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _platform_name(parts: tuple[str, ...], root: str, is_wrapped: bool) -> PlatformName | None:
    """Return the platform's name at the top of a path, or in the one folder around everything."""
    if name := platforms.parse(root):
        return replace(name, file="")
    for part in parts[: 2 if is_wrapped else 1]:
        if name := platforms.parse(part):
            return name
    return None


def _owned(
    file: FoundFile, student: str, platform: PlatformName | None, exercises: Collection[str]
) -> OwnedFile:
    stem = own_stem(file.parts[-1], platform)
    attempt = 0 if platform is None else platform.attempt
    folder = exercise_of_folders(file.parts[:-1], exercises)
    return OwnedFile(file, student, stem, attempt, file_names.copy_number(stem), folder)


def own_stem(file_name: str, platform: PlatformName | None) -> str:
    """Return the student's own file name, without its ending and what a platform put before it."""
    if platform is not None and platform.file and file_name.endswith(platform.file):
        return platform.file.rpartition(".")[0] or platform.file
    return PurePosixPath(file_name).stem


def _student_folders(
    files: Sequence[FoundFile], exercises: Collection[str]
) -> dict[FoundFile, tuple[str, ...]]:
    """Return for each file the path of its student's folder, () where there is none.

    A student's folder is the topmost folder that holds notebooks itself or lies beside a folder
    that does; a folder named like an exercise is never a student's.
    """
    above = {file: _folders(file, exercises) for file in files}
    holding = {above[file] for file in files if above[file] and _is_work(file)}
    parents = {path[:-1] for path in holding}
    below = Counter(path[:end] for path in holding for end in range(len(path) + 1))
    student_folders: dict[FoundFile, tuple[str, ...]] = {}
    for file, path in above.items():
        prefixes = [path[:end] for end in range(1, len(path) + 1)]
        student_folders[file] = next(
            (p for p in prefixes if p in holding or (p[:-1] in parents and below[p] <= 1)), path
        )
    return _without_homework_folders(student_folders, below)


def _is_work(file: FoundFile) -> bool:
    return file.is_notebook or file.suffix == ARCHIVE


def _folders(file: FoundFile, exercises: Collection[str]) -> tuple[str, ...]:
    """Return the folders that may be a student's: no exercises, nothing a student zipped.

    An archive counts as a folder unless its name has homework's words only.
    """
    path = file.parts if _is_archive(file.parts[-1]) else file.parts[:-1]
    zipped = next((end for end, part in enumerate(path, 1) if _is_archive(part)), len(path))
    return tuple(
        part
        for part in path[:zipped]
        if part not in exercises
        and (not _is_archive(part) or file_names.owner_in(_bare(part), exercises))
    )


def _without_homework_folders(
    student_folders: dict[FoundFile, tuple[str, ...]], below: Counter[tuple[str, ...]]
) -> dict[FoundFile, tuple[str, ...]]:
    """Name ada/homework1 and bob/homework1, or ada/anything.zip, after ada and bob."""
    parents: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for path in student_folders.values():
        if len(path) > 1:
            parents[path[-1]].add(path[:-1])

    def lifted(path: tuple[str, ...]) -> tuple[str, ...]:
        if len(path) < 2 or below[path[:-1]] != 1:
            return path
        beside = parents[path[-1]]
        repeated = len(beside) > 1 and all(below[parent] == 1 for parent in beside)
        return path[:-1] if repeated or _is_archive(path[-1]) else path

    return {file: lifted(path) for file, path in student_folders.items()}


def _owners_in_names(
    files: Sequence[FoundFile], exercises: Collection[str]
) -> dict[FoundFile, str]:
    """Return who handed in the files of a flat folder: ada.ipynb, car_price_bob.ipynb."""
    owners = {
        file: file_names.owner_in(file.stem, exercises)
        for file in files
        if len(file.parts) == 1
        and file.is_notebook
        and (file.suffix == ".ipynb" or file_names.exercise_in(file.stem, exercises))
    }
    named = {file: owner for file, owner in owners.items() if owner}
    return named if len(set(named.values())) > 1 else {}


def _is_archive(part: str) -> bool:
    return part.lower().endswith(ARCHIVE)


def _bare(part: str) -> str:
    """Return a folder's name, or an archive's without its ending."""
    return part[: -len(ARCHIVE)] if _is_archive(part) else part


def _display_names(people: Collection[Person]) -> dict[Person, str]:
    """Return a distinct name for each person, the plain name wherever it is unambiguous."""
    alike: defaultdict[str, list[Person]] = defaultdict(list)
    for person in people:
        alike[clean_name(person.name) if person.name else ""].append(person)
    names: dict[Person, str] = {}
    taken = set(alike)
    for name, group in sorted(alike.items()):
        ordered = sorted(group, key=lambda person: (person.name, person.qualifier))
        for person in ordered:
            plain = len(group) == 1 or not name or (person is ordered[0] and not person.qualifier)
            names[person] = name if plain else _qualified(name, person, taken)
            taken.add(names[person])
    return names


def _qualified(name: str, person: Person, taken: Collection[str]) -> str:
    extra = clean_name(person.qualifier) if person.qualifier else ""
    preferred = f"{name} ({extra})" if extra else name
    number = 2
    free = preferred
    while free in taken:
        free = f"{preferred} ({number})"
        number += 1
    return free
