"""Takes out of a notebook file, unparsed, what no reader looks at: outputs, attachments, widgets.

A notebook of 20 MB holds a few kilobytes of code. Parsed as a whole, its outputs would take many
times their bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["thinned"]

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_KEY = rb'"(?:outputs|attachments|widgets)"[ \t\r\n]*+:[ \t\r\n]*+([\[{])'
_NEXT_KEY = re.compile(rb'(?:[^"]++|(?!%s)%s)*+%s' % (_KEY, _STRING, _KEY), re.DOTALL)
_NEXT_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|%s)*+[\[\]{}]' % _STRING, re.DOTALL)
_EMPTY = {b"[": b"[]", b"{": b"{}"}
_LEAST = 1 << 16  # bytes of a file that is worth it


def thinned(data: bytes) -> bytes:
    """Return a notebook file with empty outputs; a file that is none comes back as it is.

    What is left is the same JSON with the same faults. A fault within an output counts no more, but
    for a file that breaks off there.
    """
    if len(data) < _LEAST or b"\0" in data:  # of another encoding than UTF-8, as a rule
        return data
    parts, kept = [], 0
    for start, end, empty in _unread(data):
        parts += [data[kept:start], empty]
        kept = end
    return b"".join([*parts, data[kept:]])


def _unread(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield where the values of unread keys begin and end, and what stands for them."""
    at = 0
    while found := _NEXT_KEY.match(data, at):
        start = found.end() - 1
        at = _end(data, start)
        if at < 0:
            return
        yield start, at, _EMPTY[found[2]]


def _end(data: bytes, start: int) -> int:
    """Return where the list or object that begins at `start` ends, -1 where it does not."""
    depth, at = 0, start
    while token := _NEXT_BRACKET.match(data, at):
        at = token.end()
        depth += 1 if data[at - 1] in b"[{" else -1
        if depth == 0:
            return at
    return -1
