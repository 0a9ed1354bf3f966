"""Reads the names that learning platforms give to uploads: Moodle's and Canvas's.

A new platform is a function that turns such a name into a PlatformName, listed in `_PLATFORMS`.
"""

from __future__ import annotations

import re
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
_NAMES_OF_BLIND_MARKING = ("participant", "anon")


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
    """Return what a platform's name says, or None when no platform writes such a name.

    The leftmost match counts, so a student cannot pose as another through an own file name.

    >>> parse("lovelaceada_12345_67890_car_price.ipynb").student
    'lovelaceada'
    """
    names = (read(name) for read in _PLATFORMS)
    return next((platform_name for platform_name in names if platform_name), None)


def _moodle(name: str) -> PlatformName | None:
    match = _MOODLE.fullmatch(name)
    if match is None:
        return None
    student = _with_id_in_blind_marking(match["name"], match["id"])
    return PlatformName(student, match["id"], match["file"] or "", 0, match["kind"] == "file")


def _canvas(name: str) -> PlatformName | None:
    match = _CANVAS_ANONYMOUS.fullmatch(name) or _CANVAS.fullmatch(name)
    if match is None:
        return None
    student = _with_id_in_blind_marking(match["name"], match["id"])
    attempt = int(match["attempt"][:30])
    return PlatformName(student, match["id"], match["file"], attempt, is_file=True)


def _with_id_in_blind_marking(name: str, number: str) -> str:
    """Return distinct names for blind marking, which calls every student Participant."""
    return f"{name} {number}" if name.casefold() in _NAMES_OF_BLIND_MARKING else name


_PLATFORMS = (_moodle, _canvas)
