"""The cause within the text of an exception, around which Keras writes where it was raised."""

from __future__ import annotations

import re

__all__ = ["cause"]

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_BEHIND = "\n\nArguments received by "
_BEFORE = "Error encountered:\n\n"
_CALLS = re.compile(r"(?:Exception encountered when calling [^\n]*\.\s+)+")


def cause(text: str) -> str:
    """Return what an exception's text says of its cause, without Keras's words around that.

    Keras puts "Exception encountered when calling Log.call()." before the text of an exception that
    a layer's `call` raises, once for each layer on the way, and the layer's arguments behind it.

    >>> cause("Exception encountered when calling Log.call().\\n\\nThe window has 24 hours")
    'The window has 24 hours'
    """
    plain = _COLOURS.sub("", text).partition(_BEHIND)[0].rpartition(_BEFORE)[2]
    found = _CALLS.match(plain)
    return (plain[found.end() :] if found else plain).strip()
