"""Tells which folders of a class are a student's: those with work, and their neighbours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.submissions.found_file import ARCHIVE, FoundFile

__all__ = ["FolderTree"]

_Path = tuple[str, ...]


@dataclass(slots=True)
class FolderTree:
    """The folders of a class; `above` has the path of folders around each file, outermost first.

    `below` counts the folders with work at or below each folder. Work is a notebook, a script or an
    archive of them.
    """

    above: Mapping[FoundFile, _Path]
    below: Counter[_Path] = field(init=False)
    _holding: set[_Path] = field(init=False)
    _filled: set[_Path] = field(init=False)
    _parents: set[_Path] = field(init=False)
    _last_below: dict[_Path, _Path] = field(init=False)
    _children: dict[_Path, set[str]] = field(init=False)

    def __post_init__(self) -> None:
        above = self.above
        self._holding = {above[file] for file in above if above[file] and _is_work(file)}
        self._filled = {path for file, path in above.items() if not file.is_empty_folder}
        self._parents = {path[:-1] for path in self._holding}
        self.below = Counter(p[:end] for p in self._holding for end in range(len(p) + 1))
        ordered = sorted(self._holding)
        self._last_below = {path[:end]: path for path in ordered for end in range(len(path))}
        self._children = defaultdict(set)
        for path in set(above.values()):
            for end, part in enumerate(path):
                self._children[path[:end]].add(part)

    def student_folder(self, path: _Path) -> _Path:
        """Return the path of the student's folder for a file in the folder `path`, () without one.

        It is the topmost folder that holds work itself or lies beside a folder that does. A folder
        with other files in it belongs to the student of the only folder below it, and to nobody
        where there are several. In a folder without any work it is the topmost folder with
        a file.
        """
        prefixes = [path[:end] for end in range(1, len(path) + 1)]
        for prefix in prefixes:
            if prefix in self._holding:
                return self._home(prefix)
            if prefix[:-1] in self._parents and self.below[prefix] <= 1:
                return prefix
        if path in self._last_below:
            return self._home(self._last_below[path]) if path and self._is_alone(path) else ()
        if path in self._filled:
            return path
        return next((prefix for prefix in prefixes if prefix in self._filled), path)

    def _home(self, holding: _Path) -> _Path:
        """Return the folder of the student who has work in a folder; it may be one around that.

        That is so where other files lie in the folder around it, and other folders beside that.
        """
        for end in range(1, len(holding)):
            around = holding[:end]
            has_neighbours = len(self._children[around[:-1]]) > 1
            if around in self._filled and self._is_alone(around) and has_neighbours:
                return around
        return holding

    def _is_alone(self, folder: _Path) -> bool:
        """Return whether there is work in a single folder below this one, and no other folder."""
        return self.below[folder] == 1 and len(self._children[folder]) == 1


def _is_work(file: FoundFile) -> bool:
    return file.is_notebook or file.suffix == ARCHIVE
