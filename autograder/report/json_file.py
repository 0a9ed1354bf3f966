"""Writes and reads results.json, the complete record of a batch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autograder.errors import UnknownSchema
from autograder.result import SCHEMA, Result
from autograder.text import atomically

NAME = "results.json"
_NOT_ASCII = re.compile(r"[^\x20-\x7e\n]")


def write(
    folder: Path, results: Iterable[Result], *, version: str, environment: Mapping[str, Any]
) -> Path:
    """Write folder/results.json in the order of `results` and return its path.

    Results are taken one at a time, so that a large class need not fit in memory. `environment` is
    plain JSON. Raises OSError, and ValueError for NaN and infinity, which JSON does not have.
    """
    document = {"schema": SCHEMA, "autograder": version, "environment": dict(environment)}
    path = folder / NAME
    with atomically(path) as stream:
        head = _text(document, 1).removesuffix("\n}")
        stream.write(f'{head},\n "submissions": [')
        separator = "\n  "
        for result in results:
            stream.write(separator + _text(result.to_json(), 1).replace("\n", "\n  "))
            separator = ",\n  "
        stream.write("\n ]\n}\n")
    return path


def read(path: Path) -> tuple[Result, ...]:
    """Return the results of a file that `write` wrote; raises UnknownSchema and OSError."""
    document = json.loads(path.read_text("utf-8"))
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise UnknownSchema(
            f"{path} has schema {schema!r}; this version reads {SCHEMA}. Grade the class again."
        )
    return tuple(Result.from_json(submission) for submission in document["submissions"])


def _text(value: object, indent: int) -> str:
    """Return JSON in which characters that hide, or move others, are escaped, as a student's may.

    These are, for one, marks of text direction, controls, and lone surrogates, which UTF-8 lacks.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return _NOT_ASCII.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    char: str = match[0]
    return char if char.isprintable() else json.dumps(char)[1:-1]
