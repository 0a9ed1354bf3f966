"""What every report needs: safe file names, and files that are never half."""

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
    """Yield a stream whose text becomes the file when the block ends well, and nothing before.

    A reader sees the old file or the new one, never a part. UTF-8, line ends as they are written;
    characters that UTF-8 does not have (lone surrogates) are written as their escape.
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
    """Write a whole file `atomically`."""
    with atomically(path) as stream:
        stream.write(text)


def safe_filename(name: str) -> str:
    """Return a file name for any text that every file system takes; equal names stay equal.

    No separators, reserved Windows names, leading dots or dashes, trailing dots or spaces; at
    most 120 bytes of UTF-8. Different names may come out equal: the caller tells them apart.
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
    """Return text without control characters, text-direction tricks and lone surrogates.

    Every kind of line break becomes a newline and a tab four spaces.
    """
    lines = re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", text).replace("\t", "    ")
    return "".join(char for char in lines if char == "\n" or _is_shown(char))


def points(value: float) -> str:
    """Return points with at most two decimals and no trailing zeros: 8, 7.5, 0.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _is_shown(char: str) -> bool:
    # Persian, Hindi and emoji need the two joiners, which are format characters.
    return char in "\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
