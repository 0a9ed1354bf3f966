"""Reads a student's own file name: the exercise, the student's name and the copy number in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_COPY_NUMBER = re.compile(r"(?:\s*\((\d{1,4})\)|-(\d{1,4}))$")
_COPY_OF = r"(?:copy of|kopie von|kopie van|copie de|copia de|cópia de|kopia)[ _]+"
_COPIES_OF = re.compile(f"(?:{_COPY_OF})*", re.IGNORECASE)
_NAME_IN_FRONT = re.compile(r"(?P<name>[^\W\d_][^_]*?) - (?P<file>.+)", re.DOTALL)
_ATTEMPT = re.compile(
    r"(?:version|versi\u00f3n|vers\u00e3o|attempt|versuch|tentative)[ _]?(\d{1,4})", re.IGNORECASE
)
_HOMEWORK = re.compile(
    r"(?:hw|homework|assignment|exercise|ex|sheet|week|lab|lesson|unit|task|problem[ _-]?set|pset|"
    r"\u00fcbung|uebung|blatt|aufgabe|woche|devoir|tp|tarea|pr\u00e1ctica)s?[ _-]?\d*",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"(?:group|groupe|gruppe|grupo|grp|gr|g|section|sektion|sec|tutorial|tutorium|tut|class|klasse|"
    r"course|kurs|cohort|year|y|term|semester|submissions?|abgaben?|students|studierende|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?:[ _-]?\d{1,4}|[ _-][a-z])?|"
    r"(?:19|20)\d\d(?:[ _-]\d{2,4})?|[a-z]",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"\(?\d+\)?|v\d+|(?:final|finished|done|copy|kopie|of|old|new|draft|solution|submission|backup|"
    r"attempt|my|hw|homework|assignment|exercise|notebook|late|latest|version)\d*"
)


def copy_number(stem: str) -> int:
    """Return N of `name-N`, `name (N)` and of `Copy of` N times before a name, 0 without one."""
    match = _COPY_NUMBER.search(stem)
    if match is not None:
        return int(match[1] or match[2])
    return len(re.findall(_COPY_OF, _copies_of(stem), re.IGNORECASE))


def attempt_in(folder: str) -> int:
    """Return N of a folder `Version N` (Microsoft Teams) or `Attempt N`, 0 for any other name."""
    match = _ATTEMPT.fullmatch(folder)
    return int(match[1]) if match else 0


def is_homework(folder: str) -> bool:
    """Return whether a folder is named after a piece of homework, in the course's words.

    >>> is_homework("hw1"), is_homework("Week 4"), is_homework("ada")
    (True, True, False)
    """
    return _HOMEWORK.fullmatch(unicodedata.normalize("NFC", folder)) is not None


def is_group(folder: str) -> bool:
    """Return whether a folder is named after a part of a class or a place for all submissions.

    >>> is_group("g1"), is_group("Section B"), is_group("2026"), is_group("ada")
    (True, True, True, False)
    """
    return _GROUP.fullmatch(unicodedata.normalize("NFC", folder)) is not None


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
    rest = rest.removeprefix(_copies_of(rest))
    exercise = exercise_in(rest, exercises)
    if exercise:
        position = re.search(re.escape(_words(exercise)), _words(rest))
        rest = rest[: position.start()] + " " + rest[position.end() :] if position else ""
    words = [word for word in re.split(r"[\s_\-]+", rest) if word]
    if all(_NOT_A_NAME.fullmatch(word.lower()) for word in words):
        return ""
    return rest.strip(" _-")


def owner_in_front(name: str, exercises: Collection[str]) -> str:
    """Return the person whom Google Classroom writes before a file's name, '' without one.

    >>> owner_in_front("Ada Example - car_price.ipynb", {"car_price"})
    'Ada Example'
    """
    match = _NAME_IN_FRONT.fullmatch(name.removeprefix(_copies_of(name)))
    if match is None or exercise_in(match["name"], exercises):
        return ""
    return match["name"].strip()


def is_about(words: str, person: str) -> bool:
    """Return whether all words, as of a file's name, are words of a person's name or its parts.

    >>> is_about("ada_final", "Example Ada")
    True
    """
    name = _squash(person)
    return all(
        _squash(word) in name or _NOT_A_NAME.fullmatch(word.lower()) is not None
        for word in re.split(r"[\s_\-]+", words)
        if word
    )


def _copies_of(name: str) -> str:
    """Return the words that Google Drive puts before the name of a copy, '' without them."""
    front = _COPIES_OF.match(name)
    return front[0] if front else ""


def _words(text: str) -> str:
    # lower() and single characters keep every position where it was in the text.
    return "".join("_" if char in " -." else char.lower()[:1] for char in text)


def _squash(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
