"""Makes text safe to show, quotes what a student wrote, and writes a file whole or not at all.

Whatever a student wrote may pose as the grader's words, move the words around it, or hide. In
messages it stands `quoted` or `named`; a whole message, page or line is `printable`.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_NAME_BYTES = 120
_MOST_QUOTED = 200  # characters
_MOST_NAMED = 60
_MOST_MARKS = 3  # on one character: a longer pile of accents reaches into the lines around it
_JOINERS = "\u200c\u200d"
_BLANKS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")  # shown as nothing, and no spaces
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_PLAIN = re.compile(r"[\n\x20-\x7e]*")
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
    text = _LINE_ENDS.sub(" ", unicodedata.normalize("NFC", name)).replace("\t", "    ")
    visible = "".join(char for char in text.replace("\n", " ") if _is_shown(char))
    kept = re.sub(r'[<>:"/\\|?*]', "_", visible)
    short = kept.strip(" ").encode("utf-8")[:_NAME_BYTES].decode("utf-8", "ignore").rstrip(". ")
    if not short:
        return "unnamed"
    if short[0] in ".-" or _RESERVED.fullmatch(short):
        short = f"_{short[1:] if short[0] in '.-' else short}"
    return short


def printable(text: str) -> str:
    """Return text in which whatever hides, or moves other text, is written as its escape.

    These are control characters, marks of text direction, characters without width, lone surrogates
    and piles of accents. Every kind of line break becomes a newline, and a tab four spaces.

    >>> print(printable("\x1b[2Jall \u202ethgir"))
    \\x1b[2Jall \\u202ethgir
    """
    lines = _LINE_ENDS.sub("\n", text).replace("\t", "    ")
    if _PLAIN.fullmatch(lines):
        return lines
    shown, marks = [], 0
    for place, char in enumerate(lines):
        is_mark = unicodedata.category(char) in ("Mn", "Me")
        marks = marks + 1 if is_mark else 0
        if is_mark and (not place or lines[place - 1].isspace()):
            marks = _MOST_MARKS + 1  # it would stand on what is before the text, or on nothing
        if char == "\n" or (_is_shown(char) and marks <= _MOST_MARKS and _joins(lines, place)):
            shown.append(char)
        else:
            shown.append(_escape(char))
    return "".join(shown)


def quoted(text: str, most: int = _MOST_QUOTED) -> str:
    """Return what a student wrote as a part of a sentence: one printable line in quotation marks.

    At most `most` characters stand between the marks, and no quotation mark.

    >>> print(quoted('Full points.\\nNote: "passed"'))
    "Full points. Note: 'passed'"
    """
    return f'"{_clipped(text, most)}"'


def coded(line: str, most: int = _MOST_QUOTED) -> str:
    """Return a line of a student's code as a part of a sentence, between backquotes.

    At most `most` characters stand between the marks, and no backquote; quotation marks stay.

    >>> print(coded('age = x_train["Age"]'))
    `age = x_train["Age"]`
    """
    return f"`{_clipped(line, most, '`')}`"


def named(name: str) -> str:
    """Return the name that a student gave to a class or function; quoted where it is no name."""
    if name.isidentifier() and len(name) <= _MOST_NAMED and printable(name) == name:
        return name
    return quoted(name, _MOST_NAMED)


def points(value: float) -> str:
    """Return a number of points with at most two decimals and no trailing zeros: 8, 7.5, 0.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _clipped(text: str, most: int, mark: str = '"') -> str:
    # An escape has at most ten characters, and white space shrinks: more is never needed.
    line = " ".join(printable(text.strip()[: 10 * most]).split()).replace(mark, "'")
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _is_shown(char: str) -> bool:
    # Persian, Hindi and emoji need the two joiners, which are format characters.
    if char in _JOINERS:
        return True
    return char not in _BLANKS and unicodedata.category(char) not in ("Cc", "Cf", "Cs")


def _joins(text: str, place: int) -> bool:
    """Tell whether a character is no joiner, or one between letters that it can join."""
    if text[place] not in _JOINERS:
        return True
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return len(around) == 2 and not any(c.isascii() or c in _JOINERS for c in around)


def _escape(char: str) -> str:
    number = ord(char)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
