"""Reads zip archives from strangers: in memory, within limits, each member by itself."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Self

from autograder.errors import UnreadableFile
from autograder.notebooks.file_size import MAX_FILE_BYTES, MEGABYTE, too_large
from autograder.submissions.entry_names import fault_of, names_of, outermost_of, parts_of

DIRECTORY_BYTES = 4 * MEGABYTE
"""The most that opening an archive may read: its table of contents."""
ENTRIES = 20_000
_LOCAL_HEADER = 30
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (
    # What zipfile and its decoders are known to raise on damaged or hostile bytes.
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,
    KeyError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside an archive; `parts` is a relative path free of `..` and separators."""

    index: int
    parts: tuple[str, ...]
    size: int
    packed: int
    modified: float


@dataclass(frozen=True, slots=True)
class Flawed:
    """An entry that is not read.

    Of a path that cannot be trusted, `parts` has the outermost folder alone, with a nameless file
    in it, and is empty where not even that is plain.
    """

    name: str
    parts: tuple[str, ...]
    reason: str


class Meter:
    """Counts unpacked bytes against a budget, so that a bomb ends early.

    Each outermost folder or file of an archive, which is one student's in a class, has a budget of
    its own, `shares` in bytes. What it needs beyond is taken from `budget`, which all have in
    common: a bomb spends that, and nobody else's share.
    """

    def __init__(self, budget: int, shares: Mapping[str, int] | None = None) -> None:
        self.budget = budget
        self._shares = Counter(shares or {})

    def take(self, count: int, owner: str = "") -> None:
        """Spend `count` bytes of an owner; raise UnreadableFile when the budgets are smaller."""
        own = min(count, self._shares[owner])
        if count - own > self.budget:
            raise UnreadableFile(
                "This archive unpacks to far more than its size explains (a zip bomb?), so the "
                "rest of it was not read. Please hand in the notebook itself."
            )
        self._shares[owner] -= own
        self.budget -= count - own


class _Metered(io.RawIOBase):
    """A seekable stream with a bound on what may be read until `bound` is None."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.bound: int | None = DIRECTORY_BYTES

    def read(self, size: int = -1, /) -> bytes:
        if self.bound is None:
            return self._stream.read(size)
        # One byte more than allowed tells "exactly at the bound" from "over it".
        most = self.bound + 1 if size < 0 else min(size, self.bound + 1)
        data = self._stream.read(most)
        if len(data) > self.bound:
            raise UnreadableFile(
                f"The archive's table of contents is larger than {DIRECTORY_BYTES:,} bytes: "
                "it lists far more files than a class hands in."
            )
        self.bound -= len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


class Archive:
    """An open zip archive: `members` can be read one by one, `flawed` entries say why they cannot.

    `folders` are the paths of folders that the archive lists, which may be empty.
    Raises UnreadableFile when the archive as a whole cannot be used. Nothing is written to disk.
    """

    def __init__(self, stream: BinaryIO) -> None:
        metered = _Metered(stream)
        try:
            self._zip = zipfile.ZipFile(metered)
        except UnreadableFile:
            raise
        except _BROKEN as error:
            raise UnreadableFile(_not_a_zip(error)) from error
        metered.bound = None
        self._stream = stream
        self._infos = self._zip.infolist()
        if len(self._infos) > ENTRIES:
            raise UnreadableFile(
                f"The archive has {len(self._infos):,} entries; at most {ENTRIES:,}."
            )
        self.members, self.flawed, self.folders = _sort_out(self._infos)

    def packed(self) -> Counter[str]:
        """Return the packed bytes of each outermost folder or file."""
        packed: Counter[str] = Counter()
        for member in self.members:
            packed[member.parts[0]] += member.packed
        return packed

    def read(self, member: Member, meter: Meter, owner: str = "") -> bytes:
        """Return a member's bytes, at most MAX_FILE_BYTES + 1 of them, on an owner's account.

        Raises UnreadableFile.
        """
        meter.take(member.size, owner)
        try:
            with self._zip.open(self._infos[member.index]) as stream:
                return stream.read(MAX_FILE_BYTES + 1)
        except _BROKEN as error:
            raise UnreadableFile(
                "This file is damaged inside the archive: its content does not match its "
                "check sum. Please hand it in again."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive and the stream it was read from."""
        self._zip.close()
        self._stream.close()


def _not_a_zip(error: Exception) -> str:
    if isinstance(error, zipfile.BadZipFile) and "not a zip" in str(error):
        return "This is not a zip archive, whatever its name says. Please make a plain .zip."
    return "The zip archive is damaged and cannot be read. Please make it again."


def _sort_out(
    infos: list[zipfile.ZipInfo],
) -> tuple[tuple[Member, ...], tuple[Flawed, ...], tuple[tuple[str, ...], ...]]:
    """Return what can be read, what cannot, and the folders that are listed."""
    overlapping = _overlapping(infos)
    members: list[Member] = []
    flawed: list[Flawed] = []
    folders: list[tuple[str, ...]] = []
    for index, (info, name) in enumerate(zip(infos, names_of(infos), strict=True)):
        path_fault = fault_of(name)
        parts = outermost_of(name) if path_fault else parts_of(name)
        fault = path_fault or _fault(info, index in overlapping)
        if fault:
            flawed.append(Flawed(name, parts, fault))
        elif parts and name.endswith("/"):
            folders.append(parts)
        elif parts:
            packed = info.compress_size
            members.append(Member(index, parts, info.file_size, packed, _modified(info)))
    return tuple(members), tuple(flawed), tuple(folders)


def _fault(info: zipfile.ZipInfo, overlapping: bool) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "This archive entry is a link or a device, not a file, so it was not read."
    if overlapping:
        return "This archive entry shares its bytes with another one, so it was not read."
    if info.flag_bits & 0x1:
        return "This file is encrypted. Please hand it in without a password."
    if info.compress_type not in _METHODS:
        return "This file is packed by an unusual method. Please make a plain .zip."
    if info.file_size > MAX_FILE_BYTES:
        return too_large(info.file_size)
    return ""


def _overlapping(infos: list[zipfile.ZipInfo]) -> frozenset[int]:
    """Return the indices of entries whose bytes another entry claims too, as small bombs do."""
    shared: set[int] = set()
    last, end = -1, -1
    for index in sorted(range(len(infos)), key=lambda index: infos[index].header_offset):
        info = infos[index]
        if info.header_offset < end:
            shared |= {last, index}
        stop = info.header_offset + _LOCAL_HEADER + info.compress_size
        if stop > end:
            last, end = index, stop
    return frozenset(shared)


def _modified(info: zipfile.ZipInfo) -> float:
    """Return seconds since the epoch; zip stores local time, and hostile zips store anything."""
    try:
        return time.mktime((*info.date_time, 0, 0, -1))
    except (OverflowError, ValueError):
        return 0.0
