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
from autograder.submissions.flat_folders import folders_of, named_files, wrapper_of
from autograder.submissions.folder_tree import FolderTree
from autograder.submissions.found_file import ARCHIVE, FoundFile
from autograder.submissions.litter import is_litter
from autograder.submissions.platforms import PlatformName

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

    `name` is the student's own file name, `stem` the same without its ending, `attempt` the
    platform's number of the upload (0 without one), `copy` the N of `name-N`, `folder_exercise` the
    innermost folder that is named like an exercise, '' without one. `is_typed` is whether the
    platform wrote the file, for instance from a text that was typed into it.
    """

    file: FoundFile
    student: str
    name: str
    stem: str
    attempt: int
    copy: int
    folder_exercise: str = ""
    is_typed: bool = False

    @property
    def is_notebook(self) -> bool:
        """Whether the file may be an answer: it has an ending that is graded, and no fault."""
        return self.file.is_notebook and not self.file.fault and not self.is_nothing

    @property
    def is_nothing(self) -> bool:
        """Whether nobody handed in this: an empty folder, or a system's litter."""
        return self.file.is_empty_folder or is_litter((self.name,))


def assign(files: Sequence[FoundFile], root: str, exercises: Collection[str]) -> list[OwnedFile]:
    """Return each file with its student; `root` is the name of the folder or archive itself.

    A platform's name counts at the top only: further down a student chose it. Two people of one
    name in one path stay two. Files that belong to no student (a class folder's own read-me) are
    left out. A notebook that does not say whose it is, beside those of several students, has a
    fault that says so, and no student.
    """
    platform_names = _platform_names(files, root)
    others = [file for file in files if platform_names[file] is None]
    folders = _student_folders(others, exercises)
    named, wrapper = named_files(others, exercises), wrapper_of(others, exercises)
    people: dict[FoundFile, Person] = {}
    for file in files:
        platform_name = platform_names[file]
        if platform_name is not None:
            people[file] = Person(platform_name.student, platform_name.id)
        elif file in named:
            people[file] = Person(named[file])
        elif folders[file] and not (named and folders_of(file, exercises) == wrapper):
            people[file] = Person(_bare(folders[file][-1]), " ".join(folders[file][:-1]))
        elif file.is_notebook or (file.fault and file.parts[-1]):
            people[file] = Person(_bare(root))
        elif file.fault:
            people[file] = Person("")
    people = _without_merging(people, Person(_bare(root)), exercises)
    names = _display_names(set(people.values()))
    return [
        _owned(file, names[person], platform_names.get(file), exercises)
        for file, person in people.items()
    ]


def _without_merging(
    people: dict[FoundFile, Person], root: Person, exercises: Collection[str]
) -> dict[FoundFile, Person]:
    """Take the files that name nobody from the student who would be named after the whole folder.

    That student is real where the folder is a single student's.
    """
    others = set(people.values()) - {root, Person("")}
    if len(others) < 2:
        return people
    example = f"NAME - {next(iter(sorted(exercises)), 'exercise')}.ipynb"
    reason = (
        "This file does not say whose it is, and the files around it are those of several "
        f"students. Rename it like {example}, or put it into a folder with the student's name, "
        "and grade again."
    )
    return {
        replace(file, fault=file.fault or reason) if person == root else file: Person("")
        if person == root
        else person
        for file, person in people.items()
    }


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


def _platform_names(files: Sequence[FoundFile], root: str) -> dict[FoundFile, PlatformName | None]:
    """Return the platform's name at the top of each path, or in the one folder around everything.

    The folder or archive itself may be what a platform gave for a single student.
    """
    if whole := platforms.parse(root):
        return dict.fromkeys(files, replace(whole, file=""))
    tops = platforms.parse_all({file.parts[0] for file in files})
    if len(tops) > 1:
        return {file: tops[file.parts[0]] for file in files}
    inside = platforms.parse_all({file.parts[1] for file in files if len(file.parts) > 1})
    return {file: tops[file.parts[0]] or inside.get((*file.parts, "")[1]) for file in files}


def _owned(
    file: FoundFile, student: str, platform: PlatformName | None, exercises: Collection[str]
) -> OwnedFile:
    name = own_name(file.parts[-1], platform)
    stem = PurePosixPath(name).stem
    return OwnedFile(
        file,
        student,
        name,
        stem,
        attempt=platform.attempt if platform else _attempt(file.parts[:-1]),
        copy=file_names.copy_number(stem),
        folder_exercise=exercise_of_folders(file.parts[:-1], exercises),
        is_typed=platform is not None and not platform.is_file,
    )


def _attempt(folders: tuple[str, ...]) -> int:
    """Return the number of the innermost folder that is named after an attempt, 0 without one."""
    numbers = (file_names.attempt_in(folder) for folder in reversed(folders))
    return next((number for number in numbers if number), 0)


def own_name(file_name: str, platform: PlatformName | None) -> str:
    """Return the student's own file name, without what a platform put before it."""
    if platform is not None and platform.file and file_name.endswith(platform.file):
        return platform.file
    return file_name


def own_stem(file_name: str, platform: PlatformName | None) -> str:
    """Return the student's own file name, without its ending and what a platform put before it."""
    return PurePosixPath(own_name(file_name, platform)).stem


def _student_folders(
    files: Sequence[FoundFile], exercises: Collection[str]
) -> dict[FoundFile, tuple[str, ...]]:
    """Return for each file the path of its student's folder, () where there is none.

    A student's folder is the topmost folder that holds notebooks itself or lies beside a folder
    that does; a folder named like an exercise is never a student's. Any other file above such
    folders belongs to the student below it, and to nobody where there are several below it.
    """
    above = {file: _folders(file, exercises) for file in files}
    tree = FolderTree(above)
    student_folders = {file: tree.student_folder(path) for file, path in above.items()}
    return _without_homework_folders(student_folders, tree.below)


def _folders(file: FoundFile, exercises: Collection[str]) -> tuple[str, ...]:
    """Return the folders that may be a student's: no exercise, no attempt, nothing zipped.

    An archive counts as a folder unless its name has homework's words only. A folder such as hw1
    counts only where no other folder may be a student's.
    """
    path = file.parts if _is_archive(file.parts[-1]) else file.parts[:-1]
    zipped = next((end for end, part in enumerate(path, 1) if _is_archive(part)), len(path))
    folders = tuple(
        part
        for part in path[:zipped]
        if part not in exercises
        and not file_names.attempt_in(part)
        and (not _is_archive(part) or file_names.owner_in(_bare(part), exercises))
    )
    return tuple(part for part in folders if not file_names.is_homework(part)) or folders


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
