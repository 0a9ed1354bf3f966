"""A usual check and its title: a check of the kit is a function with a title in nouns."""

from __future__ import annotations

from collections.abc import Callable

from autograder.checks import marking

__all__ = ["Check", "title_of", "usual"]

Check = Callable[..., None]

_TITLE = "__autograder_title__"


def usual(check: Check, points: float, title: str) -> Check:
    """Return the check with its worth and its title, which may hold nouns of Words in braces."""
    setattr(check, _TITLE, title)
    return marking.points(points)(check)


def title_of(thing: object) -> str | None:
    """Return the title of a usual check, None for any other attribute of a module."""
    title = getattr(thing, _TITLE, None)
    return title if isinstance(title, str) else None
