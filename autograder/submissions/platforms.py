"""The names Moodle and Canvas give to what students hand in, and what is left without them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)
_CANVAS = re.compile(
    r"(?P<name>.+?)(?:_LATE)?_(?P<id>\d+)_(?P<attempt>\d{3,})_(?P<file>.+)", re.DOTALL
)
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<name>anon)(?:_LATE)?_(?P<id>[A-Za-z0-9]{5})_(?P<attempt>\d{3,})_(?P<file>.+)", re.DOTALL
)
_NAMELESS = ("participant", "anon")
_COPY_NUMBER = re.compile(r"(?:\s*\((\d{1,4})\)|-(\d{1,4}))$")
_NO_NAMES = re.compile(
    r"\(?\d+\)?|v\d+|(?:final|finished|done|copy|kopie|of|old|new|draft|solution|submission|backup|"
    r"attempt|my|hw|homework|assignment|exercise|notebook|late|latest|version)\d*"
)


@dataclass(frozen=True, slots=True)
class PlatformName:
    """Who handed in, as the learning platform writes it into a file's or a folder's name.

    `file` is the student's own file name, empty when the name was a folder's;
    `attempt` grows with each upload on Canvas and is 0 on Moodle.
    """

    student: str
    id: str
    file: str
    attempt: int
    is_file: bool


def parse(name: str) -> PlatformName | None:
    """Return what a platform's name says, or None when it is not one.

    The leftmost match counts, so a student cannot pose as another through an own file name.
    """
    if moodle := _MOODLE.fullmatch(name):
        student = _with_id_if_nameless(moodle["name"], moodle["id"])
        uploaded = moodle["kind"] == "file"
        return PlatformName(student, moodle["id"], moodle["file"] or "", 0, uploaded)
    if canvas := _CANVAS_ANONYMOUS.fullmatch(name) or _CANVAS.fullmatch(name):
        student = _with_id_if_nameless(canvas["name"], canvas["id"])
        attempt = int(canvas["attempt"][:30])
        return PlatformName(student, canvas["id"], canvas["file"], attempt, True)
    return None


def _with_id_if_nameless(name: str, number: str) -> str:
    """Keep blind markings apart: everybody is called Participant there."""
    return f"{name} {number}" if name.casefold() in _NAMELESS else name


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
        found = re.search(re.escape(_words(exercise)), _words(rest))
        rest = rest[: found.start()] + " " + rest[found.end() :] if found else ""
    words = [word for word in re.split(r"[\s_\-]+", rest) if word]
    if all(_NO_NAMES.fullmatch(word.lower()) for word in words):
        return ""
    return rest.strip(" _-")


def _words(text: str) -> str:
    # lower() and single characters keep every position where it was in the text.
    return "".join("_" if char in " -." else char.lower()[:1] for char in text)


def _squash(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
