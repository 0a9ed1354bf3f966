"""Turns the bytes of a student's file into text, whatever encoding an editor chose."""

from __future__ import annotations

import codecs
import re

__all__ = ["as_text", "unix_lines"]

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")  # as in PEP 263
_BLANK = re.compile(rb"[ \t\f]*(?:#[^\r\n]*)?\Z")
_WIDER = (
    # What Windows writes under the name of the narrower code.
    *(("shift_jis", "cp932"), ("gb2312", "gb18030"), ("gbk", "gb18030"), ("euc_kr", "cp949")),
    *(("big5", "cp950"), ("ascii", "utf-8")),
)
_NOT_FOR_TEXT = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"}
)
"""Codecs that do not say how text is written down; two of them take long for long texts."""


def as_text(data: bytes, *, is_script: bool) -> tuple[str, list[str]]:
    """Return the text of a file, and warnings about how it was read.

    A mark of Unicode's counts first, in a script then the encoding that its first or second line
    declares (PEP 263). Otherwise it is UTF-8, and else the next encoding that fits.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return unix_lines(data.decode(encoding, "replace")), []
    warnings: list[str] = []
    declared = _declared(data) if is_script else ""
    if declared:
        text = _decoded(data, declared)
        if text is not None:
            return unix_lines(text), []
        warnings.append(f"line 1 or 2 declares the encoding {declared[:40]}, which does not fit")
    for encoding in _guesses(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        note = [] if encoding == "utf-8" else [f"read as {encoding}, not as UTF-8"]
        return unix_lines(text), warnings + note
    return unix_lines(data.decode("latin-1")), [*warnings, "read as latin-1, not as UTF-8"]


def unix_lines(text: str) -> str:
    """Return text with Unix line ends, and no lone surrogates, which no later step could write."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode("utf-8")


def _declared(data: bytes) -> str:
    """Return the encoding that a script declares, '' where it declares none."""
    first, _, rest = data[:1000].replace(b"\r\n", b"\n").replace(b"\r", b"\n").partition(b"\n")
    second = rest.partition(b"\n")[0]
    match = _COOKIE.match(first)
    if match is None and _BLANK.match(first):
        match = _COOKIE.match(second)
    return match[1].decode("ascii", "replace") if match else ""


def _decoded(data: bytes, encoding: str) -> str | None:
    """Return the text in a declared encoding or a wider one of its kind, None if none fits."""
    try:
        codec = codecs.lookup(encoding)
    except LookupError:
        return None
    # Of a codec that turns bytes into bytes, Python's own attribute tells.
    if not getattr(codec, "_is_text_encoding", True) or codec.name in _NOT_FOR_TEXT:
        return None
    for name in (codec.name, *(wider for narrow, wider in _WIDER if narrow == codec.name)):
        try:
            return data.decode(name)
        except UnicodeError:
            continue
    return None


def _guesses(data: bytes) -> list[str]:
    """Encodings to try in turn; NULs beside ASCII are how UTF-16 without its mark looks."""
    head = data[:4096]
    if head.count(0) * 3 > len(head):
        return ["utf-16-be" if head[0] == 0 else "utf-16-le"]
    return ["utf-8", "cp1252"]
