"""Words file names for sentences: how they are shown, and how many of them."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["listed", "shown"]

_NAMES_SHOWN = 5
_LENGTH = 300


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
