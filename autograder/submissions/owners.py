"""Decides whose file is whose from where it lies, and what each student is called."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
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
    """A file, the student it belongs to, the file's own name and the upload's number."""

    item: FoundFile
    student: str
    stem: str
    attempt: int
    copy: int
    folder_exercise: str = ""


def assign(items: Sequence[FoundFile], root: str, exercises: Collection[str]) -> list[OwnedFile]:
    """Return each item with its student; `root` is the name of the folder or archive itself.

    A platform's name counts at the top only: further down a student chose it. Two people of one
    name in one path stay two. Items that are nobody's (a class folder's own read-me) are left
    out.
    """
    wrapped = len({item.parts[0] for item in items}) == 1
    platform = {item: _platform(item.parts, root, wrapped) for item in items}
    own = [item for item in items if platform[item] is None]
    holders = _students(own, exercises)
    flat = _flat(own, exercises)
    people: dict[FoundFile, Person] = {}
    for item in items:
        name = platform[item]
        if name is not None:
            if name.is_file:
                people[item] = Person(name.student, name.id)
            continue
        path = holders[item]
        if path:
            people[item] = Person(_bare(path[-1]), " ".join(path[:-1]))
        elif item in flat:
            people[item] = Person(flat[item])
        elif item.is_notebook or (item.fault and item.parts[-1]):
            people[item] = Person(_bare(root))
        elif item.fault:
            people[item] = Person("")
    names = _display_names(set(people.values()))
    return [
        _owned(item, names[person], platform[item], exercises) for item, person in people.items()
    ]


def clean_name(raw: str) -> str:
    """Return a name that is safe to show: NFC, no control characters, separators or paths.

    Where something had to be taken away a short fingerprint of the raw name is added, so that
    two people who differ only there stay two.
    """
    text = unicodedata.normalize("NFC", raw)
    spaced = "".join(" " if unicodedata.category(char) in _SPACES else char for char in text)
    kept = "".join(char for char in spaced if _is_kept(char))
    name = " ".join(kept.split())[:NAME_LENGTH].strip()
    if name.strip(" .") == "":
        name = "unnamed"
    if name == text.strip(" "):
        return name
    mark = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{name}~{mark}"


_SPACES = ("Zl", "Zp")


def _is_kept(char: str) -> bool:
    if char in "/\\":
        return False
    return char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _platform(parts: tuple[str, ...], root: str, wrapped: bool) -> PlatformName | None:
    """Return the platform's name at the top of a path, or in the one folder around everything."""
    if found := platforms.parse(root):
        return PlatformName(found.student, found.id, "", found.attempt, found.is_file)
    for part in parts[: 2 if wrapped else 1]:
        if found := platforms.parse(part):
            return found
    return None


def _owned(
    item: FoundFile, student: str, platform: PlatformName | None, exercises: Collection[str]
) -> OwnedFile:
    stem = own_stem(item.parts[-1], platform)
    attempt = 0 if platform is None else platform.attempt
    folder = exercise_of_folders(item.parts[:-1], exercises)
    return OwnedFile(item, student, stem, attempt, file_names.copy_number(stem), folder)


def own_stem(file_name: str, platform: PlatformName | None) -> str:
    """Return the student's own file name, without its ending and what a platform put before it."""
    if platform is not None and platform.file and file_name.endswith(platform.file):
        return platform.file.rpartition(".")[0] or platform.file
    return PurePosixPath(file_name).stem


def _students(
    items: Sequence[FoundFile], exercises: Collection[str]
) -> dict[FoundFile, tuple[str, ...]]:
    """Return for each item the path of the student's folder, () where there is none.

    A student's folder is the topmost one that holds notebooks itself or lies beside one that
    does; a folder named like an exercise is never a student.
    """
    above = {item: _folders(item, exercises) for item in items}
    holding = {above[item] for item in items if above[item] and _is_work(item)}
    parents = {path[:-1] for path in holding}
    below = Counter(path[:end] for path in holding for end in range(len(path) + 1))
    found: dict[FoundFile, tuple[str, ...]] = {}
    for item, path in above.items():
        prefixes = [path[:end] for end in range(1, len(path) + 1)]
        found[item] = next(
            (p for p in prefixes if p in holding or (p[:-1] in parents and below[p] <= 1)), path
        )
    return _without_homework_folders(found, below)


def _is_work(item: FoundFile) -> bool:
    return item.is_notebook or item.suffix == ARCHIVE


def _folders(item: FoundFile, exercises: Collection[str]) -> tuple[str, ...]:
    """Return the folders that may be a student's: no exercises, nothing a student zipped.

    An archive counts as a folder unless its name is that of homework only.
    """
    path = item.parts if _is_archive(item.parts[-1]) else item.parts[:-1]
    zipped = next((end for end, part in enumerate(path, 1) if _is_archive(part)), len(path))
    return tuple(
        part
        for part in path[:zipped]
        if part not in exercises
        and (not _is_archive(part) or file_names.owner_in(_bare(part), exercises))
    )


def _without_homework_folders(
    found: dict[FoundFile, tuple[str, ...]], below: Counter[tuple[str, ...]]
) -> dict[FoundFile, tuple[str, ...]]:
    """Name ada/homework1 and bob/homework1, or ada/anything.zip, after ada and bob."""
    parents: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for path in found.values():
        if len(path) > 1:
            parents[path[-1]].add(path[:-1])

    def lifted(path: tuple[str, ...]) -> tuple[str, ...]:
        if len(path) < 2 or below[path[:-1]] != 1:
            return path
        beside = parents[path[-1]]
        repeated = len(beside) > 1 and all(below[parent] == 1 for parent in beside)
        return path[:-1] if repeated or _is_archive(path[-1]) else path

    return {item: lifted(path) for item, path in found.items()}


def _flat(items: Sequence[FoundFile], exercises: Collection[str]) -> dict[FoundFile, str]:
    """Return who handed in the files of a flat folder: ada.ipynb, car_price_bob.ipynb."""
    owners = {
        item: file_names.owner_in(item.stem, exercises)
        for item in items
        if len(item.parts) == 1
        and item.is_notebook
        and (item.suffix == ".ipynb" or file_names.exercise_in(item.stem, exercises))
    }
    named = {item: owner for item, owner in owners.items() if owner}
    return named if len(set(named.values())) > 1 else {}


def _is_archive(part: str) -> bool:
    return part.lower().endswith(ARCHIVE)


def _bare(part: str) -> str:
    """Return a folder's name, or an archive's without its ending."""
    return part[: -len(ARCHIVE)] if _is_archive(part) else part


def _display_names(people: Collection[Person]) -> dict[Person, str]:
    """Return one distinct name for each person, the plain one wherever it is unambiguous."""
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
    wanted = f"{name} ({extra})" if extra else name
    number = 2
    free = wanted
    while free in taken:
        free = f"{wanted} ({number})"
        number += 1
    return free
