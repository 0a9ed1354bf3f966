"""Parses the JSON of a notebook file, and says in a student's words why that fails."""

from __future__ import annotations

import json
import re
from typing import Any

from autograder.errors import UnreadableNotebook

__all__ = ["MAX_MARKS", "conflict", "has_conflict", "parse"]

MAX_MARKS = 300_000  # commas and brackets: bounds the memory that parsing can take

_OURS = re.compile(r"^<{7}(?: .*)?$", re.MULTILINE)
_THEIRS = re.compile(r"^>{7}(?: .*)?$", re.MULTILINE)
_BREAKS_OFF = "the file breaks off at line {line}: save it and hand in again"
_CONFLICT = (
    "line {line} holds a merge-conflict marker (<<<<<<<): "
    "choose one version, delete the markers, run everything and hand in again"
)


def has_conflict(text: str) -> bool:
    """Return whether a text holds both marks of a merge conflict."""
    return bool(_OURS.search(text) and _THEIRS.search(text))


def conflict(text: str) -> str:
    """Return why a text with a merge conflict is not read."""
    return _CONFLICT.format(line=_line_of(text))


def parse(text: str) -> Any:
    """Return the value of a JSON text; raises UnreadableNotebook with the reason."""
    if sum(text.count(mark) for mark in ",[{") > MAX_MARKS:
        end = text.rstrip()
        raise UnreadableNotebook(
            "the notebook is too large to read: clear its outputs and hand in again"
            if end.endswith(("}", "]"))
            else _BREAKS_OFF.format(line=end.count("\n") + 1)
        )
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableNotebook(_why_no_json(text, error)) from None
    except RecursionError:
        raise UnreadableNotebook("the file is JSON nested too deep to be a notebook") from None
    except ValueError:
        raise UnreadableNotebook("the file holds a number too long to be a notebook's") from None


def _why_no_json(text: str, error: json.JSONDecodeError) -> str:
    if has_conflict(text):
        return conflict(text)
    if text.lstrip()[:1] == "<":
        return "the file is a web page, not a notebook: download the .ipynb itself"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return _BREAKS_OFF.format(line=error.lineno)
    return (
        f"line {error.lineno} is not valid JSON ({error.msg}): "
        "hand in the .ipynb file as Jupyter or Colab saved it"
    )


def _line_of(text: str) -> int:
    marker = _OURS.search(text)
    return text.count("\n", 0, marker.start()) + 1 if marker else 1
