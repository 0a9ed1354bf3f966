"""Says what each path is that the instructor named: a class, or a single student's own place.

The names in a command are the outermost ones. Two questions are left to the files: whether a folder
holds a class, and whether an archive in a folder does. Both are answered so that no content of one
student's place changes the answer for another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import MissingPath, UnreadableFile
from autograder.submissions import file_names, platforms
from autograder.submissions.archive import Archive
from autograder.submissions.class_level import bare, folders_above, is_archive
from autograder.submissions.flat_folders import named_files
from autograder.submissions.found_file import ARCHIVE, NOTEBOOKS, FoundFile, ending
from autograder.submissions.litter import is_litter
from autograder.submissions.scan import named, open_regular

__all__ = [
    "Argument",
    "arguments",
    "class_archives",
    "has_people",
    "students_own",
]


@dataclass(frozen=True, slots=True)
class Argument:
    """A folder or an archive that the instructor named, or the files named in one folder.

    `place` is the folder or archive by the name that was given, `is_whole` whether all of it counts
    rather than the `paths` in it.
    """

    place: Path
    paths: tuple[Path, ...]
    is_whole: bool

    @property
    def name(self) -> str:
        """The name of the folder, or of the archive without its ending."""
        return bare(self.place.name) if self.place.is_file() else self.place.name


def arguments(paths: Sequence[Path]) -> list[Argument]:
    """Return what was named: files given by name form a group below their folder.

    Raises MissingPath.
    """
    groups: dict[tuple[Path, bool], dict[Path, Path]] = {}
    for path in paths:
        try:
            path.stat()
        except (OSError, ValueError) as error:
            reason = f"There is no file or folder {path} to read. Check the spelling."
            raise MissingPath(reason) from error
        whole = path.is_dir() or is_archive(path.name)
        place = named(path) if whole else named(path).parent
        groups.setdefault((place, whole), {}).setdefault(path.resolve(), path)
    return [
        Argument(place, tuple(group.values()), whole) for (place, whole), group in groups.items()
    ]


def class_archives(paths: Sequence[Path], output: Path | None) -> list[Path]:
    """Return the archives of a learning platform in folders that hold nothing else of a class.

    Beside other work an archive is its student's own, whatever its content looks like.
    """
    known = {path.resolve() for path in paths}
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            entries = [entry for entry in sorted(path.iterdir()) if not is_litter((entry.name,))]
            work = [e for e in entries if _may_hold_work(e) and e.resolve() != output]
            if work and all(is_archive(entry.name) and _holds_a_class(entry) for entry in work):
                found += [entry for entry in work if entry.resolve() not in known]
    return found


def students_own(
    scanned: Sequence[tuple[Argument, Sequence[FoundFile]]], exercises: Collection[str]
) -> frozenset[Path]:
    """Return the places of one student each among those that were named.

    Places in one folder are of one kind, as a shell writes `class/*` or `class/*/*.py`. They are
    the students' own where one of them certainly is: with work in it directly, or with a platform's
    name.
    """
    levels = {
        level for one, files in scanned if (level := _level_of_students(one, files, exercises))
    }
    beside = Counter(one.place.parent for one, _ in scanned)
    beside.update(one.place for one, _ in scanned if not one.is_whole)
    return frozenset(
        one.place
        for one, _ in scanned
        if one.place.parent in levels and beside[one.place.parent] > 1
    )


def _level_of_students(
    one: Argument, files: Sequence[FoundFile], exercises: Collection[str]
) -> Path | None:
    """Return the folder of which the students' places are known to lie, None where none is."""
    if one.is_whole and platforms.parse(one.name):
        return one.place.parent
    tops = _tops(files, exercises)
    if "" not in tops or len(tops) > 2:
        return None
    if named_files(files, exercises):
        return None if one.is_whole else one.place
    return one.place.parent


def _tops(files: Iterable[FoundFile], exercises: Collection[str]) -> set[str]:
    """Return the outermost folders with work, '' for work that lies in none."""
    work = [file for file in files if file.is_notebook or file.suffix == ARCHIVE]
    above = [folders_above(file, exercises) for file in work]
    return {next((part for part in path if not file_names.is_homework(part)), "") for path in above}


def _may_hold_work(path: Path) -> bool:
    return path.is_dir() or is_archive(path.name) or ending(path.name) in NOTEBOOKS


def _holds_a_class(path: Path) -> bool:
    try:
        with open_regular(path) as stream, Archive(stream) as archive:
            tops = {member.parts[0] for member in archive.members}
    except (OSError, UnreadableFile):
        return False  # the reason is reported when the file is read as a submission
    return has_people(tops, ())


def has_people(names: Iterable[str], exercises: Collection[str]) -> bool:
    """Return whether a platform's names are those of two people.

    A name such as `car_price_2_2025_v2.ipynb` is a student's own, though Canvas writes such names.
    """
    found = [name for name in platforms.parse_all(names).values() if name is not None]
    people = {(one.student, one.id) for one in found}
    return len([name for name, _ in people if not file_names.exercise_in(name, exercises)]) > 1
