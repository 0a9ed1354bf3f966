"""Tells at which level of a class the students' folders lie; below it no name says whose a file is.

A folder or an archive that somebody handed in may hold anything, also what looks like a class. So
the level is the outermost one that may be the students', and no content of a single member can move
it for the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from autograder.submissions import file_names
from autograder.submissions.found_file import ARCHIVE, FoundFile

__all__ = ["bare", "folders_above", "is_archive", "student_folders"]

_Path = tuple[str, ...]


def student_folders(
    files: Iterable[FoundFile],
    exercises: Collection[str],
    *,
    around: _Path = (),
    has_people_at_top: bool = False,
) -> dict[FoundFile, _Path]:
    """Return for each file the path of its student's folder or archive, () where there is none.

    `around` are folders around the class. `has_people_at_top` is whether other names beside the
    folders are already those of people: then so are the folders' names.
    """
    above = {file: folders_above(file, exercises) for file in files}
    level = _Level(above, around, has_people_at_top=has_people_at_top)
    return {file: level.student_folder(path) for file, path in above.items()}


def is_archive(part: str) -> bool:
    """Return whether a part of a path is a zip archive's name."""
    return part.lower().endswith(ARCHIVE)


def bare(part: str) -> str:
    """Return a folder's name, or an archive's without its ending."""
    return part[: -len(ARCHIVE)] if is_archive(part) else part


def folders_above(file: FoundFile, exercises: Collection[str]) -> _Path:
    """Return the folders that may be a student's: no exercise, no attempt, nothing zipped.

    An archive counts as a folder unless its name has homework's words only. A folder such as hw1
    counts only where no other folder may be a student's.
    """
    path = file.parts if is_archive(file.parts[-1]) else file.parts[:-1]
    zipped = next((end for end, part in enumerate(path, 1) if is_archive(part)), len(path))
    folders = tuple(
        part
        for part in path[:zipped]
        if part not in exercises
        and not file_names.attempt_in(part)
        and (not is_archive(part) or file_names.owner_in(bare(part), exercises))
    )
    return tuple(part for part in folders if not file_names.is_homework(part)) or folders


class _Level:
    """The level of the students' folders; `above` has the folders around each file.

    Work is a notebook, a script or an archive of them. A folder is a group where its name says so
    and no work lies in it directly: only the instructor gave that name. Below the groups the
    students' folders lie side by side. They lie deeper where every folder there looks like a group:
    with no work in it directly, and with two folders of work at least. As one folder that is
    somebody's own keeps the level, another member cannot move it.
    """

    def __init__(
        self, above: Mapping[FoundFile, _Path], around: _Path, *, has_people_at_top: bool
    ) -> None:
        self._around = around
        self._holding = {path for file, path in above.items() if path and _is_work(file)}
        self._filled = {path for file, path in above.items() if not file.is_empty_folder}
        self._inside: defaultdict[_Path, set[str]] = defaultdict(set)
        for path in self._holding:
            for end, part in enumerate(path):
                self._inside[path[:end]].add(part)
        self._depth = 1 if has_people_at_top else self._first_depth()

    def student_folder(self, path: _Path) -> _Path:
        """Return the student's folder for a file in the folder `path`, () without one.

        Other files above the students' folders are nobody's. Where no folder around a file holds
        any work, the student's is the outermost of them with a file.
        """
        start = self._groups_around(path)
        end = start + self._depth
        for stop in range(start + 1, min(end, len(path)) + 1):
            if path[:stop] in self._filled and not self._has_work(path[:stop]):
                return path[:stop]
        if len(path) >= end:
            return path[:end]
        return () if self._has_work(path) else path

    def _has_work(self, folder: _Path) -> bool:
        return folder in self._holding or folder in self._inside

    def _groups_around(self, path: _Path) -> int:
        """Return how many folders at the top of a path are groups by their names."""
        length = len(self._around)
        start = length if path[:length] == self._around else 0
        for number in range(start, len(path)):
            if not file_names.is_group(path[number]) or path[: number + 1] in self._holding:
                return number
        return len(path)

    def _first_depth(self) -> int:
        starts = {path: self._groups_around(path) for path in self._holding}
        depth = 1
        while starts and all(self._is_group(path[: n + depth]) for path, n in starts.items()):
            depth += 1
        return depth

    def _is_group(self, folder: _Path) -> bool:
        return folder not in self._holding and len(self._inside[folder]) > 1


def _is_work(file: FoundFile) -> bool:
    return file.is_notebook or file.suffix == ARCHIVE
