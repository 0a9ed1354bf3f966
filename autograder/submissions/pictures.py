"""Pictures that lie beside a notebook, for questions that ask for one; a person looks at them.

Nothing here decodes a picture: its type is read from its first bytes, and its size is limited.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.errors import UnreadableFile
from autograder.notebooks.file_size import MEGABYTE
from autograder.submissions import file_names
from autograder.submissions.found_file import Location
from autograder.submissions.owners import OwnedFile
from autograder.submissions.scan import Reader

__all__ = ["FOLDER", "MAX_BYTES", "Picture", "kind_of", "pictures"]

FOLDER = "pictures"
MAX_BYTES = 10 * MEGABYTE
ENDINGS = (".png", ".jpg", ".jpeg")
_STARTS = ((b"\x89PNG\r\n\x1a\n", ".png"), (b"\xff\xd8\xff", ".jpg"))
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture that a student handed in as `wanted`, the name that the question asks for.

    `fault` says why there is no picture that can be shown; `kind` is then ''. Otherwise `kind` is
    the ending that fits the bytes, whatever the student's file is called.
    """

    wanted: str
    fault: str = ""
    kind: str = ""
    sha256: str = ""
    location: Location | None = None

    @property
    def path(self) -> str:
        """Where the picture lies below the folder of results, '' without a picture."""
        return f"{FOLDER}/{self.sha256[:32]}{self.kind}" if self.kind else ""


def kind_of(data: bytes) -> str:
    """Return the ending that fits the first bytes of a picture, '' for anything else."""
    return next((kind for start, kind in _STARTS if data.startswith(start)), "")


def pictures(
    owned_files: Sequence[OwnedFile], wanted: Mapping[str, tuple[str, ...]], reader: Reader
) -> dict[str, tuple[Picture, ...]]:
    """Return one student's pictures for the questions of each exercise.

    `wanted` maps an exercise to the names of files that its questions ask for. A file counts that
    has this name, in any case, with any ending of a picture and with a copy's number; of several
    files the latest.
    """
    candidates = [owned for owned in owned_files if owned.file.suffix in ENDINGS]
    return {
        exercise: tuple(_found(name, exercise, candidates, reader) for name in names)
        for exercise, names in wanted.items()
    }


def _found(name: str, exercise: str, candidates: list[OwnedFile], reader: Reader) -> Picture:
    near = [owned for owned in candidates if owned.folder_exercise in ("", exercise)]
    stem = PurePosixPath(name).stem.casefold()
    matching = [o for o in near if file_names.without_copy_number(o.stem).casefold() == stem]
    if matching:
        return _read(name, max(matching, key=_order), reader)
    others = sorted(owned.file.display for owned in near)[:_SHOWN]
    instead = f" Other pictures: {', '.join(others)}." if others else ""
    return Picture(name, f"There is no {name}.{instead}")


def _order(owned: OwnedFile) -> tuple[int, float, int, str]:
    modified = 0.0 if owned.attempt else owned.file.modified
    return (owned.attempt, modified, owned.copy, owned.file.display)


def _read(name: str, owned: OwnedFile, reader: Reader) -> Picture:
    file = owned.file
    if file.fault:
        return Picture(name, f"{name} could not be read. {file.fault}")
    if file.size > MAX_BYTES:
        most = MAX_BYTES // MEGABYTE
        return Picture(name, f"{name} is larger than {most} MB and was not read.")
    try:
        content = reader.read(file.location)
    except UnreadableFile as error:
        return Picture(name, f"{name} could not be read. {error}")
    kind = kind_of(content)
    if not kind or len(content) > MAX_BYTES:
        return Picture(name, f"{name} is no PNG and no JPEG picture of at most 10 MB.")
    digest = hashlib.sha256(content).hexdigest()
    return Picture(name, "", kind, digest, file.location)
