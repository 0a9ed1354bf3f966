"""A file that was handed in, and where its bytes are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.submissions.archive import Member

__all__ = ["ARCHIVE", "NOTEBOOKS", "FoundFile", "Location", "ending"]

NOTEBOOKS = (".ipynb", ".py")
ARCHIVE = ".zip"


@dataclass(frozen=True, slots=True)
class Location:
    """Where bytes are: a file on disk, a member of that zip, or a member of a zip inside it."""

    path: Path
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that was handed in; `parts` is its path below the argument, with zips as folders.

    `modified` is in seconds since the epoch, `size` in bytes; `fault` says why it cannot be read.
    A folder in which nobody handed in anything counts as a file without a name, so that its owner
    is not forgotten.
    """

    parts: tuple[str, ...]
    display: str
    size: int
    modified: float
    location: Location
    fault: str = ""

    @property
    def suffix(self) -> str:
        """The file name's ending in small letters, with the dot."""
        return ending(self.parts[-1])

    @property
    def stem(self) -> str:
        """The file name without its ending."""
        return PurePosixPath(self.parts[-1]).stem

    @property
    def is_notebook(self) -> bool:
        """Whether the ending is one that is graded."""
        return self.suffix in NOTEBOOKS

    @property
    def is_empty_folder(self) -> bool:
        """Whether this is a folder, or an archive's folder, in which nothing was handed in."""
        return not self.parts[-1] and not self.fault


def ending(name: str) -> str:
    """Return a file name's ending in small letters, with the dot.

    A file that was saved without a name, such as `.ipynb`, is all ending.
    """
    return name.lower() if name.lower() in NOTEBOOKS else PurePosixPath(name).suffix.lower()
