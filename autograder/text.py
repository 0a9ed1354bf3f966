"""Cleans text for terminals, pages and file names, and writes a text file whole or not at all."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_NAME_BYTES = 120
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?", re.IGNORECASE
)


@contextmanager
def atomically(path: Path) -> Iterator[TextIO]:
    """Yield a stream whose text replaces the file at `path` when the block ends without an error.

    A reader of the file sees its old text or its new text, never a part. The text is UTF-8 with the
    line ends as they are written; lone surrogates, which UTF-8 lacks, are written as their escapes.
    Missing folders are made. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with draft.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            yield stream
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_atomically(path: Path, text: str) -> None:
    """Write `text` as the whole file at `path`, as `atomically` does. Raises OSError."""
    with atomically(path) as stream:
        stream.write(text)


def safe_filename(name: str) -> str:
    """Return a file name, made of any text, that every file system takes.

    The file name has no separators, no leading dots or dashes, no trailing dots or spaces, is no
    reserved name of Windows, and has at most 121 bytes of UTF-8. Equal texts give equal names;
    different texts may give equal names, and the caller tells these apart.
    """
    text = unicodedata.normalize("NFC", name)
    kept = re.sub(r'[<>:"/\\|?*]', "_", printable(text).replace("\n", " "))
    short = kept.strip(" ").encode("utf-8")[:_NAME_BYTES].decode("utf-8", "ignore").rstrip(". ")
    if not short:
        return "unnamed"
    if short[0] in ".-" or _RESERVED.fullmatch(short):
        short = f"_{short[1:] if short[0] in '.-' else short}"
    return short


def printable(text: str) -> str:
    """Return text without control characters, marks of text direction and lone surrogates.

    Every kind of line break becomes a newline, and a tab becomes four spaces.
    """
    lines = re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", text).replace("\t", "    ")
    return "".join(char for char in lines if char == "\n" or _is_shown(char))


def points(value: float) -> str:
    """Return a number of points with at most two decimals and no trailing zeros: 8, 7.5, 0.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _is_shown(char: str) -> bool:
    # Persian, Hindi and emoji need the two joiners, which are format characters.
    return char in "\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
