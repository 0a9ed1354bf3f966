"""Words file names for sentences: how they are shown, and how many of them.

A student may give a file any name: one that reads like a sentence stands in quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograder.text import quoted

__all__ = ["listed", "shown", "told"]

_NAMES_SHOWN = 5
_LENGTH = 300
_LIKE_A_SENTENCE = re.compile(r"[\s,;\"]|[.!?](?!\w)")


def listed(names: Iterable[str]) -> str:
    """Return a sorted list for a sentence, shortened when long."""
    every = sorted(names)
    more = f" and {len(every) - _NAMES_SHOWN} more" if len(every) > _NAMES_SHOWN else ""
    return ", ".join(map(told, every[:_NAMES_SHOWN])) + more


def told(name: str) -> str:
    """Return a file's name as a part of a sentence."""
    return quoted(name, _LENGTH) if _LIKE_A_SENTENCE.search(name) else shown(name)


def shown(path: str) -> str:
    """Return where a file lies, in characters that can be shown anywhere."""
    text = path.encode("utf-8", "replace").decode()
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    if len(printable) <= _LENGTH:
        return printable
    return f"{printable[: _LENGTH // 2 - 10]}…{printable[-_LENGTH // 2 :]}"
