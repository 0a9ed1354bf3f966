"""Reads the names that learning platforms give to uploads.

Known are Moodle, Canvas, Blackboard, Brightspace and Google Classroom. A new platform is a function
that turns such a name into a PlatformName, listed in `_PLATFORMS`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import takewhile

from autograder.submissions import upload_times

__all__ = ["PlatformName", "parse", "parse_all"]

_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)
_CANVAS = re.compile(
    r"(?P<name>.+?)(?:_LATE)?_(?P<id>\d+)_(?P<attempt>\d{3,})_(?P<file>.+)", re.DOTALL
)
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<name>anon)(?:_LATE)?_(?P<id>[A-Za-z0-9]{5})_(?P<attempt>\d{3,})_(?P<file>.+)", re.DOTALL
)
_CANVAS_TYPED = re.compile(
    r"(?P<name>.+?)(?:_LATE)?_(?P<id>\d+)_(?P<file>(?:text|link)\.html)", re.DOTALL
)
_BLACKBOARD = re.compile(
    r"(?P<before>.+?_[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)?", re.DOTALL
)
_BRIGHTSPACE = re.compile(
    rf"(?P<id>\d+)-\d+ - (?P<name>.+?) - (?P<time>{upload_times.PATTERN})(?: - (?P<file>.+))?",
    re.DOTALL | re.IGNORECASE,
)
_BRIGHTSPACE_UNDATED = re.compile(
    r"(?P<id>\d+)-\d+ - (?P<name>.+?) - (?:.+ - (?P<file>[^/]+\.\w+)|.+)", re.DOTALL
)
_NAMES_OF_BLIND_MARKING = ("participant", "anon")


@dataclass(frozen=True, slots=True)
class PlatformName:
    """Who handed in, as the learning platform writes it into a file's or a folder's name.

    `file` is the student's own file name, empty when the name was a folder's; `attempt` grows with
    each upload, and is 0 where the platform does not say. `is_file` is whether the student handed
    in a file: what the platform wrote itself (a text that was typed in, a receipt) is none.
    """

    student: str
    id: str
    file: str
    attempt: int
    is_file: bool


def parse(name: str) -> PlatformName | None:
    """Return what a platform's name says, or None when no platform writes such a name.

    The leftmost match counts, so a student cannot pose as another through an own file name.

    >>> parse("lovelaceada_12345_67890_car_price.ipynb").student
    'lovelaceada'
    """
    names = (read(name) for read in _PLATFORMS)
    return next((platform_name for platform_name in names if platform_name), None)


def parse_all(names: Iterable[str]) -> dict[str, PlatformName | None]:
    """Return what each of the names in one folder says.

    Blackboard writes the assignment before the student and the same sign between them as inside
    either: only the names together show where the assignment ends.
    """
    found = {name: parse(name) for name in names}
    before = {n: match["before"] for n in found if (match := _BLACKBOARD.fullmatch(n))}
    end = _end_of_assignment(set(before.values()))
    for name, text in before.items():
        platform_name = found[name]
        if end and platform_name is not None and platform_name.id == text:
            found[name] = replace(platform_name, student=text[end:], id=text[end:])
    return found


def _end_of_assignment(names: Collection[str]) -> int:
    """Return how many characters up to a `_` all names have in common, 0 for a single name."""
    if len(names) < 2:
        return 0
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike).rfind("_") + 1


def _moodle(name: str) -> PlatformName | None:
    match = _MOODLE.fullmatch(name)
    if match is None:
        return None
    student = _with_id_in_blind_marking(match["name"], match["id"])
    return PlatformName(student, match["id"], match["file"] or "", 0, match["kind"] == "file")


def _canvas(name: str) -> PlatformName | None:
    match = _CANVAS_ANONYMOUS.fullmatch(name) or _CANVAS.fullmatch(name)
    if match is not None:
        student = _with_id_in_blind_marking(match["name"], match["id"])
        attempt = int(match["attempt"][:30])
        return PlatformName(student, match["id"], match["file"], attempt, is_file=True)
    match = _CANVAS_TYPED.fullmatch(name)
    if match is None:
        return None
    student = _with_id_in_blind_marking(match["name"], match["id"])
    return PlatformName(student, match["id"], match["file"], 0, is_file=False)


def _blackboard(name: str) -> PlatformName | None:
    match = _BLACKBOARD.fullmatch(name)
    if match is None:
        return None
    before, attempt = match["before"], int(match["time"].replace("-", ""))
    student = before.rpartition("_")[2]
    is_file = match["file"] is not None or not name.endswith(".txt")
    return PlatformName(student, before, match["file"] or "", attempt, is_file)


def _brightspace(name: str) -> PlatformName | None:
    match = _BRIGHTSPACE.fullmatch(name)
    if match is not None:
        attempt = upload_times.as_number(match["time"])
        return PlatformName(match["name"], match["id"], match["file"] or "", attempt, is_file=True)
    match = _BRIGHTSPACE_UNDATED.fullmatch(name)
    if match is None:
        return None
    return PlatformName(match["name"], match["id"], match["file"] or "", 0, is_file=True)


def _with_id_in_blind_marking(name: str, number: str) -> str:
    """Return distinct names for blind marking, which calls every student Participant."""
    return f"{name} {number}" if name.casefold() in _NAMES_OF_BLIND_MARKING else name


_PLATFORMS = (_moodle, _brightspace, _blackboard, _canvas)
