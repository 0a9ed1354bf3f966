"""Decides which student a file belongs to, and under which name the student is shown."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from autograder.submissions import file_names, platforms
from autograder.submissions.answers import exercise_of_folders
from autograder.submissions.class_level import bare, student_folders
from autograder.submissions.flat_folders import folders_of, named_files, wrapper_of
from autograder.submissions.found_file import FoundFile
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
class Place:
    """Where a student's name stands: the platform's number of the student, or a path in a class.

    The path is that of the student's folder or archive, () where the name is that of the whole
    path that was named, and ("",) where it is a file's.
    """

    path: tuple[str, ...] = ()
    platform_id: str = ""


_IN_A_FILE_NAME = Place(("",))


@dataclass(frozen=True, slots=True)
class OwnedFile:
    """A file and its student.

    `place` is where the student's name stands, `name` the student's own file name, `stem` the same
    without its ending, `attempt` the platform's number of the upload (0 without one), `copy` the N
    of `name-N`, `folder_exercise` the innermost folder that is named like an exercise, '' without
    one. `is_typed` is whether the platform wrote the file, for instance from a text that was typed
    into it. `conflict` is a sentence for a student whose name stands in several places.
    """

    file: FoundFile
    student: str
    place: Place
    name: str
    stem: str
    attempt: int
    copy: int
    folder_exercise: str = ""
    is_typed: bool = False
    conflict: str = ""

    @property
    def is_notebook(self) -> bool:
        """Whether the file may be an answer: it has an ending that is graded, and no fault."""
        return self.file.is_notebook and not self.file.fault and not self.is_nothing

    @property
    def is_nothing(self) -> bool:
        """Whether nobody handed in this: an empty folder, or a system's litter."""
        return self.file.is_empty_folder or is_litter((self.name,))


def assign(
    files: Sequence[FoundFile],
    root: str,
    exercises: Collection[str],
    *,
    is_one_students: bool = False,
) -> list[OwnedFile]:
    """Return each file with its student; `root` is the name of the folder or archive itself.

    The outermost name that is a person's decides, and no name below it: a student chose those. The
    root itself is such a name where it `is_one_students`, else the platform's names, the students'
    folders and the names of flat files are. Two people of one name in one path stay two. Files that
    belong to no student (a class folder's own read-me) are left out. A notebook that does not say
    whose it is, beside those of several students, has a fault that says so, and no student.
    """
    platform_names: Mapping[FoundFile, PlatformName | None]
    if is_one_students and platforms.parse(root) is None:
        platform_names = dict.fromkeys(files)
        people = dict.fromkeys(files, (Person(bare(root)), Place()))
    else:
        platform_names = _platform_names(files, root)
        people = _people(files, root, platform_names, exercises)
    names = _display_names({person for person, _ in people.values()})
    return [
        _owned(file, names[person], place, platform_names.get(file), exercises)
        for file, (person, place) in people.items()
    ]


def _people(
    files: Sequence[FoundFile],
    root: str,
    platform_names: Mapping[FoundFile, PlatformName | None],
    exercises: Collection[str],
) -> dict[FoundFile, tuple[Person, Place]]:
    """Return whose the files of a class are, and where the names stand."""
    others = [file for file in files if platform_names[file] is None]
    named, wrapper = named_files(others, exercises), wrapper_of(others, exercises)
    has_platform = len(others) < len(files)
    folders = student_folders(
        others,
        exercises,
        around=wrapper if named else _folder_around(files) if has_platform else (),
        has_people_at_top=bool(named) or has_platform,
    )
    people: dict[FoundFile, tuple[Person, Place]] = {}
    for file in files:
        platform_name = platform_names[file]
        if platform_name is not None:
            person = Person(platform_name.student, platform_name.id)
            people[file] = person, Place(platform_id=platform_name.id)
        elif file in named:
            people[file] = Person(named[file]), _IN_A_FILE_NAME
        elif folders[file] and not (named and folders_of(file, exercises) == wrapper):
            *around, own = folders[file]
            people[file] = Person(bare(own), " ".join(around)), Place(folders[file])
        elif file.is_notebook or (file.fault and file.parts[-1]):
            people[file] = Person(bare(root)), Place()
        elif file.fault:
            people[file] = Person(""), Place()
    return _without_merging(people, Person(bare(root)), exercises)


def _folder_around(files: Sequence[FoundFile]) -> tuple[str, ...]:
    """Return the one folder around a platform's names, () where they are at the top."""
    tops = {file.parts[0] for file in files}
    return () if len(tops) > 1 or platforms.parse(min(tops)) else (min(tops),)


def _without_merging(
    people: dict[FoundFile, tuple[Person, Place]], root: Person, exercises: Collection[str]
) -> dict[FoundFile, tuple[Person, Place]]:
    """Take the files that name nobody from the student who would be named after the whole folder.

    That student is real where the folder is a single student's.
    """
    others = {person for person, _ in people.values()} - {root, Person("")}
    if len(others) < 2:
        return people
    example = f"NAME - {next(iter(sorted(exercises)), 'exercise')}.ipynb"
    reason = (
        "This file does not say whose it is, and the files around it are those of several "
        f"students. Rename it like {example}, or put it into a folder with the student's name, "
        "and grade again."
    )
    nameless = {
        replace(file, fault=file.fault or reason): (Person(""), Place())
        for file, (person, _) in people.items()
        if person == root
    }
    return {file: found for file, found in people.items() if found[0] != root} | nameless


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
    file: FoundFile,
    student: str,
    place: Place,
    platform: PlatformName | None,
    exercises: Collection[str],
) -> OwnedFile:
    name = own_name(file.parts[-1], platform)
    stem = PurePosixPath(name).stem
    return OwnedFile(
        file,
        student,
        place,
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
            names[person] = name if plain else qualified(name, person.qualifier, taken)
            taken.add(names[person])
    return names


def qualified(name: str, qualifier: str, taken: Collection[str]) -> str:
    """Return a name with what tells it from equal ones: distinct from all that are taken."""
    extra = clean_name(qualifier) if qualifier else ""
    preferred = f"{name} ({extra})" if extra else name
    number = 2
    free = preferred
    while free in taken:
        free = f"{preferred} ({number})"
        number += 1
    return free
