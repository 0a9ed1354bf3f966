"""Reads the names of an archive's entries: their letters, their separators, and what is unsafe."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence

__all__ = ["DEPTH", "fault_of", "names_of", "outermost_of", "parts_of"]

DEPTH = 32
_UTF8 = 0x800  # the flag of a name in UTF-8
_UNICODE_PATH = 0x7075  # Info-ZIP's extra field: the name once more, in UTF-8
_IDEOGRAPHS = r"\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uff10-\uff5a"
_HANGUL = r"\uac00-\ud7af"
_CYRILLIC = r"\u0401\u0410-\u044f\u0451"
_CODES = (
    ("cp932", _IDEOGRAPHS),
    ("cp866", _CYRILLIC),
    ("cp949", _HANGUL),
    ("gb2312", _IDEOGRAPHS),
    ("cp950", _IDEOGRAPHS),
    ("cp949", _IDEOGRAPHS + _HANGUL),
    ("gb18030", _IDEOGRAPHS),
)
"""What Windows writes names in without saying so, with the letters of such names."""
_SIGNS = r"\x20-\x7e\n\u3000-\u3004\u3008-\u303f\uff01-\uff60\u2010-\u206f"


def names_of(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the name of each entry, with `/` between folders whatever program wrote it.

    A name in UTF-8 may lack the flag that says so (macOS), or stand in a field of its own. Other
    names are read in the code in which all of the archive's names make sense. Only then is a
    backslash a separator (Windows): in a double-byte code it is also the second half of a letter.
    """
    names = [_in_unicode(info) for info in infos]
    raw = [_raw(info) for info, name in zip(infos, names, strict=True) if name is None]
    code = _code_of(raw)
    decoded = iter(data.decode(code) for data in raw)
    return [(next(decoded) if name is None else name).replace("\\", "/") for name in names]


def parts_of(name: str) -> tuple[str, ...]:
    """Return the folders of a name, and its file."""
    return tuple(part for part in name.split("/") if part not in ("", "."))


def outermost_of(name: str) -> tuple[str, ...]:
    """Return the outermost folder of a path and a nameless file in it, () without a plain folder.

    Whose an entry is does not depend on where the rest of its path points.

    >>> outermost_of("ada/../../bob/car_price.py"), outermost_of("../car_price.py")
    (('ada', ''), ())
    """
    first, *rest = name.split("/")
    if not rest or first in ("", ".", "..") or "\0" in first or re.match(r"[A-Za-z]:", first):
        return ()
    return (first, "")


def fault_of(name: str) -> str:
    """Return why an entry of this name must not be read, '' for a plain relative path."""
    if "\0" in name:
        return "The name of this archive entry holds a NUL byte, so it was not read."
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "This archive entry names an absolute path, so it was not read."
    if ".." in name.split("/"):
        return "This archive entry points outside the archive (..), so it was not read."
    if len(parts_of(name)) > DEPTH:
        return f"This archive entry lies more than {DEPTH} folders deep, so it was not read."
    return ""


def _in_unicode(info: zipfile.ZipInfo) -> str | None:
    """Return a name that is certainly Unicode, None for a name in some code page."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    raw = _raw(info)
    stated = _unicode_path(info.extra, zlib.crc32(raw))
    if stated is not None:
        return stated
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _raw(info: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a name; zipfile reads each as a letter of code page 437."""
    return info.orig_filename.encode("cp437")


def _unicode_path(extra: bytes, checksum: int) -> str | None:
    """Return the name in the field for it, None where there is no field for this very name.

    A program that renames an entry and does not know the field leaves the old name there; the
    checksum of the plain name tells.
    """
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind != _UNICODE_PATH or len(field) < 6 or field[0] != 1:
            continue
        if struct.unpack("<I", field[1:5])[0] != checksum:
            continue
        try:
            return field[5:].decode("utf-8")
        except UnicodeDecodeError:
            return None
    return None


def _code_of(names: Iterable[bytes]) -> str:
    """Return the first code in which all names make sense, code page 437 where none is found."""
    together = b"\n".join(names)
    for code, letters in _CODES:
        try:
            text = together.decode(code)
        except UnicodeDecodeError:
            continue
        if _makes_sense(text, letters):
            return code
    return "cp437"


def _makes_sense(text: str, letters: str) -> bool:
    """Return whether text is in these letters, rather than Latin with accents that is read wrongly.

    Accents stand inside words, so that a letter read in their place touches plain letters.
    """
    if not re.fullmatch(f"[{letters}{_SIGNS}]*", text):
        return False
    runs = list(re.finditer(f"[{letters}]+", text))
    around = [text[run.start() - 1 : run.start()] + text[run.end() : run.end() + 1] for run in runs]
    touching = sum(any(char.isascii() and char.isalpha() for char in pair) for pair in around)
    return 2 * touching < len(runs)
