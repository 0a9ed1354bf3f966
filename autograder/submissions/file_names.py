"""Reads a student's own file name: the exercise, the student's name and the copy number in it."""

from __future__ import annotations

import re
from collections.abc import Collection

_COPY_NUMBER = re.compile(r"(?:\s*\((\d{1,4})\)|-(\d{1,4}))$")
_NOT_A_NAME = re.compile(
    r"\(?\d+\)?|v\d+|(?:final|finished|done|copy|kopie|of|old|new|draft|solution|submission|backup|"
    r"attempt|my|hw|homework|assignment|exercise|notebook|late|latest|version)\d*"
)


def copy_number(stem: str) -> int:
    """Return N of `name-N` and `name (N)`, 0 without one."""
    match = _COPY_NUMBER.search(stem)
    return int(match[1] or match[2]) if match else 0


def exercise_in(stem: str, exercises: Collection[str]) -> str:
    """Return the longest exercise name that a file's stem contains as words, or ''.

    Case and the choice of `_`, `-` and space do not matter; `CarPrice` is car_price.
    """
    words = _words(stem)
    for name in sorted(exercises, key=lambda name: (-len(name), name)):
        pattern = rf"(?<![^\W_]){re.escape(_words(name))}(?![^\W\d_])"
        if re.search(pattern, words) or _squash(words) == _squash(name):
            return name
    return ""


def without_copy_number(stem: str) -> str:
    """Return a stem without what a platform or browser put behind it: `net-1`, `net (2)`."""
    return _COPY_NUMBER.sub("", stem)


def owner_in(stem: str, exercises: Collection[str]) -> str:
    """Return what of a stem may be a person's name: no exercise, number or word like 'final'."""
    rest = without_copy_number(stem)
    exercise = exercise_in(rest, exercises)
    if exercise:
        position = re.search(re.escape(_words(exercise)), _words(rest))
        rest = rest[: position.start()] + " " + rest[position.end() :] if position else ""
    words = [word for word in re.split(r"[\s_\-]+", rest) if word]
    if all(_NOT_A_NAME.fullmatch(word.lower()) for word in words):
        return ""
    return rest.strip(" _-")


def _words(text: str) -> str:
    # lower() and single characters keep every position where it was in the text.
    return "".join("_" if char in " -." else char.lower()[:1] for char in text)


def _squash(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
