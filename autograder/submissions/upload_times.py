"""Reads the time of an upload as Brightspace writes it into a name: `Oct 3, 2026 1011 PM`."""

from __future__ import annotations

import re

__all__ = ["PATTERN", "as_number"]

_DATES = (
    r"[^\W\d_]+\.? \d{1,2},? \d{4}",  # Oct 3, 2026
    r"\d{1,2}\.? (?:de )?[^\W\d_]+\.?,? (?:de )?\d{4}",  # 3 October 2026, 3 de octubre de 2026
    r"\d{4}[-.]\d{1,2}[-.]\d{1,2}",  # 2026-10-03
)
PATTERN = rf"(?:{'|'.join(_DATES)}),? (?:\d{{3,4}}|\d{{1,2}}[.:_h]\d{{2}})(?: ?[AP]\.?M\.?)?"
"""A regular expression without groups: a date in words or numbers, and a time of day."""
_MONTHS = (
    *(("jan", "ene"), ("feb", "fév", "fev"), ("mar", "mär", "mrt"), ("apr", "abr", "avr")),
    *(("may", "mai", "mei"), ("jun", "juin"), ("jul", "juil"), ("aug", "aoû", "aou", "ago")),
    *(("sep", "set"), ("oct", "okt", "out"), ("nov",), ("dec", "déc", "dez", "dic")),
)
"""How the months begin in English, German, French, Spanish, Portuguese and Dutch."""


def as_number(text: str) -> int:
    """Return a time that matches PATTERN as a number that grows with time.

    It is 0 for a month in another language, so that the files' own times decide.

    >>> as_number("Oct 3, 2026 801 AM") < as_number("Oct 3, 2026 1011 PM")
    True
    """
    date, clock = _parts(text)
    year, month, day = _date(date)
    if not month:
        return 0
    return (((year * 100 + month) * 100 + day) * 100 + clock // 100) * 100 + clock % 100


def _parts(text: str) -> tuple[str, int]:
    match = re.fullmatch(
        r"(.+?),? (\d{1,2})[.:_h]?(\d{2})(?: ?([AP])\.?M\.?)?", text, re.IGNORECASE
    )
    if match is None:
        return text, 0
    hour = int(match[2])
    if match[4]:
        hour = hour % 12 + (12 if match[4].upper() == "P" else 0)
    return match[1], hour * 100 + int(match[3])


def _date(text: str) -> tuple[int, int, int]:
    """Return year, month and day; the month is 0 where its name is not known."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word.casefold() != "de"]
    if not words:
        year, month, day = (*numbers, 0, 0)[:3]
        return year, month if month <= len(_MONTHS) else 0, day
    day, year = (*numbers, 0, 0)[:2]
    return year, _month(words[0].casefold()), day


def _month(word: str) -> int:
    return next((n for n, names in enumerate(_MONTHS, 1) if word.startswith(names)), 0)
