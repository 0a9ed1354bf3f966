"""Words file names for sentences: how they are shown, and how many of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["listed", "quoted", "shown"]

_NAMES_SHOWN = 5
_LENGTH = 300
_READS_LIKE_SENTENCES = re.compile(r"[.!?:;\u3002\uff01\uff1f]\s|[\"\u201c\u201d]")


def listed(names: Iterable[str]) -> str:
    """Return a sorted list for a sentence, shortened when long."""
    every = sorted(names)
    more = f" and {len(every) - _NAMES_SHOWN} more" if len(every) > _NAMES_SHOWN else ""
    return ", ".join(every[:_NAMES_SHOWN]) + more


def shown(path: str) -> str:
    """Return where a file lies, in characters that can be shown anywhere."""
    text = path.encode("utf-8", "replace").decode()
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    if len(printable) <= _LENGTH:
        return printable
    return f"{printable[: _LENGTH // 2 - 10]}…{printable[-_LENGTH // 2 :]}"


def quoted(path: str) -> str:
    """Return where a file lies for a sentence: in quotation marks where the name reads like words.

    A student chose the name, so it must not be taken for words of the grader.

    >>> quoted("car_price.ipynb"), quoted("All checks passed. 12 of 12.ipynb")
    ('car_price.ipynb', '\u201cAll checks passed. 12 of 12.ipynb\u201d')
    """
    text = shown(path)
    if not _READS_LIKE_SENTENCES.search(text):
        return text
    plain = re.sub(r"[\"\u201c\u201d]", "'", text)
    return f"\u201c{plain}\u201d"
