"""Finds every file below a path, inside zip archives too, and reads files one at a time."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from autograder.errors import UnreadableFile
from autograder.notebooks.file_size import MAX_FILE_BYTES, MEGABYTE, too_large
from autograder.submissions.archive import ENTRIES, Archive, Flawed, Member, Meter
from autograder.submissions.entry_names import DEPTH
from autograder.submissions.found_file import ARCHIVE, NOTEBOOKS, FoundFile, Location, ending
from autograder.submissions.litter import is_litter

UNPACKED_BYTES = 400 * MEGABYTE
UNPACKED_RATIO = 50
"""Beyond UNPACKED_BYTES in all, each outermost folder or file of an archive may unpack to this many
times its size; a class needs less."""
INNER_RATIO = 25
"""A student's own zip inside it may do so half as much, since it is unpacked twice."""
_FLAWED_SHOWN = 20


class Reader:
    """Reads locations; keeps the last archives open and a budget for what each may unpack to."""

    def __init__(self) -> None:
        self._meters: dict[Path, Meter] = {}
        self._open: dict[Location, Archive] = {}

    def read(self, location: Location) -> bytes:
        """Return the bytes there; raise UnreadableFile with the reason."""
        if not location.members:
            with open_regular(location.path) as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
        else:
            *outer, member = location.members
            archive = self.archive(Location(location.path, tuple(outer)))
            data = archive.read(member, self._meters[location.path], location.members[0].parts[0])
        if len(data) > MAX_FILE_BYTES:
            raise UnreadableFile(too_large(len(data)))
        return data

    def archive(self, location: Location) -> Archive:
        """Return the open zip archive there; raise UnreadableFile."""
        if location not in self._open:
            stream: BinaryIO
            if location.members:
                _refuse_dense(location.members[-1])
                stream = io.BytesIO(self.read(location))
                self._forget_inner()
            else:
                stream = open_regular(location.path)
            try:
                archive = self._open[location] = Archive(stream)
            except UnreadableFile:
                stream.close()
                raise
            if not location.members:
                shares = {top: UNPACKED_RATIO * size for top, size in archive.packed().items()}
                self._meters[location.path] = Meter(UNPACKED_BYTES, shares)
        return self._open[location]

    def _forget_inner(self) -> None:
        """Hold one student's own zip in memory at a time."""
        for location in [key for key in self._open if key.members]:
            self._open.pop(location).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for archive in self._open.values():
            archive.close()


def open_regular(path: Path) -> BinaryIO:
    """Open an ordinary file; raise UnreadableFile. A FIFO or a device is not waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise UnreadableFile(_cannot_open(error)) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UnreadableFile("This is not an ordinary file, so it was not read.")
    return os.fdopen(handle, "rb")


def _refuse_dense(member: Member) -> None:
    """Refuse a packed zip that packs well once more: what is in it repeats itself."""
    if member.size > MEGABYTE and member.size > INNER_RATIO * member.packed:
        raise UnreadableFile(
            "This zip shrinks far more than an archive of notebooks can (a zip bomb?), so it was "
            "not opened. Please hand in the notebook itself."
        )


def scan(path: Path, reader: Reader, output: Path | None = None) -> list[FoundFile]:
    """Return every file below `path` in a stable order; a file that cannot be read has a `fault`.

    The name of the folder or archive at `path` is not part of `parts`. The folder `output` is
    passed over. Only its place tells it: a student may hand in a folder that looks the same.
    """
    name = named(path).name or str(path)
    if path.is_dir():
        own = None if output is None else output.resolve()
        return list(_opened(_walk(path.resolve(), name, own), reader, depth=0))
    suffix = path.suffix.lower()
    if suffix == ARCHIVE:
        archive = _on_disk((path.name,), name, Location(path.resolve()))
        return list(_unzip(archive, (), reader, depth=1))
    # The argument itself may be a link: the instructor chose it.
    shown = path if not path.is_absolute() else Path(path.parent.name, path.name)
    return [_on_disk((path.name,), shown.as_posix(), Location(path.resolve()))]


def named(path: Path) -> Path:
    """Return the absolute path by which somebody names a place: links in it keep their names."""
    return Path(os.path.abspath(path))


def _walk(folder: Path, name: str, output: Path | None) -> Iterator[FoundFile]:
    """Yield files depth first; a folder directly below may hold ENTRIES files and no more."""
    stack: list[tuple[Path, tuple[str, ...]]] = [(folder, ())]
    seen: Counter[str] = Counter()
    while stack:
        here, parts = stack.pop()
        top = parts[0] if parts else ""
        shown = "/".join((name, *parts))
        if parts and seen[top] > ENTRIES:
            continue
        if len(parts) > DEPTH:
            yield _faulty((*parts, ""), shown, here, f"These folders are more than {DEPTH} deep.")
            continue
        try:
            entries = _listing(here, ENTRIES - seen[top] + 1 if parts else None)
        except OSError as error:
            yield _faulty((*parts, ""), shown, here, _cannot_open(error))
            continue
        seen[top] += len(entries)
        if parts and seen[top] > ENTRIES:
            yield _faulty((*parts, ""), shown, here, f"There are more than {ENTRIES:,} files here.")
        entries = [entry for entry in entries if not is_litter((entry.name,))]
        if parts and not entries:
            yield _faulty((*parts, ""), shown, here, "")
        for entry in entries:
            below = (*parts, entry.name)
            if output is not None and Path(entry.path) == output:
                continue
            if entry.is_dir(follow_symlinks=False):
                stack.append((Path(entry.path), below))
            else:
                yield _on_disk(below, f"{shown}/{entry.name}", Location(Path(entry.path)))


def _listing(folder: Path, limit: int | None) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(islice(entries, limit), key=lambda entry: entry.name)


def _on_disk(parts: tuple[str, ...], display: str, location: Location) -> FoundFile:
    try:
        status = os.lstat(location.path)
    except OSError as error:
        return _faulty(parts, display, location.path, _cannot_open(error))
    fault = ""
    if stat.S_ISLNK(status.st_mode):
        fault = "This is a link to another place, so it was not followed."
    elif not stat.S_ISREG(status.st_mode):
        fault = "This is not an ordinary file, so it was not read."
    elif status.st_size > MAX_FILE_BYTES and ending(parts[-1]) in NOTEBOOKS:
        fault = too_large(status.st_size)
    return FoundFile(parts, display, status.st_size, status.st_mtime, location, fault)


def _faulty(parts: tuple[str, ...], display: str, path: Path, fault: str) -> FoundFile:
    return FoundFile(parts, display, 0, 0.0, Location(path), fault)


def _opened(files: Iterator[FoundFile], reader: Reader, depth: int) -> Iterator[FoundFile]:
    """Replace each archive by its files; `depth` counts the archives around `files`."""
    for file in files:
        if file.suffix != ARCHIVE or file.fault:
            yield file
        else:
            yield from _unzip(file, file.parts, reader, depth + 1)


def _unzip(
    file: FoundFile, parts: tuple[str, ...], reader: Reader, depth: int
) -> Iterator[FoundFile]:
    """Yield the files inside the archive `file`, whose paths begin with `parts`."""
    fault = ""
    try:
        archive = reader.archive(file.location) if depth <= 2 else None
        if archive is None:
            fault = "This is a zip inside a zip inside a zip; please hand in the notebook itself."
    except UnreadableFile as error:
        fault, archive = str(error), None
    if archive is None:
        yield replace(file, fault=fault)
        return
    members = [member for member in archive.members if not is_litter(member.parts)]
    flaws = tuple(flaw for flaw in archive.flawed if not is_litter(flaw.parts))
    if not members and not flaws and parts:
        yield replace(file, fault="There is no file in this zip archive.")
        return
    yield from _flawed(flaws, file, parts)
    yield from _empty_folders(archive, members, file, parts)
    inside = (
        FoundFile(
            (*parts, *member.parts),
            f"{file.display}:{'/'.join(member.parts)}",
            member.size,
            member.modified,
            Location(file.location.path, (*file.location.members, member)),
        )
        for member in members
    )
    yield from _opened(inside, reader, depth)


def _empty_folders(
    archive: Archive, members: list[Member], file: FoundFile, parts: tuple[str, ...]
) -> Iterator[FoundFile]:
    """Yield the folders of an archive below which nobody handed in a file."""
    paths = [*(member.parts for member in members), *(flaw.parts for flaw in archive.flawed)]
    used = {path[:end] for path in paths for end in range(1, len(path))}
    listed = {*archive.folders, *(member.parts[:-1] for member in archive.members)}
    folders = {_without_litter(path) for path in listed} - {()}
    for folder in sorted(folders - used):
        shown = f"{file.display}:{'/'.join(folder)}"
        yield FoundFile((*parts, *folder, ""), shown, 0, 0.0, file.location)


def _without_litter(folder: tuple[str, ...]) -> tuple[str, ...]:
    """Return the innermost folder around or at a path that somebody handed in, () without one."""
    ends = range(len(folder), 0, -1)
    return next((folder[:end] for end in ends if not is_litter(folder[:end])), ())


def _flawed(
    flaws: tuple[Flawed, ...], archive: FoundFile, parts: tuple[str, ...]
) -> Iterator[FoundFile]:
    for number, flaw in enumerate(flaws):
        # A name that cannot be trusted says nothing about whose file it is.
        inside = (*parts, *(flaw.parts or ("",)))
        display = f"{archive.display}:{flaw.name}"
        if number == _FLAWED_SHOWN:
            reason = f"{len(flaws) - number:,} more entries of this archive were not read."
            yield FoundFile((*parts, ""), archive.display, 0, 0.0, archive.location, reason)
            return
        yield FoundFile(inside, display, 0, 0.0, archive.location, flaw.reason)


def _cannot_open(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "This is a link to another place, so it was not followed."
    why = os.strerror(error.errno) if error.errno else type(error).__name__
    return f"This file cannot be opened ({why})."
