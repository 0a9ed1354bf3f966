"""Writes and reads results.json, the complete record of a batch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autograder.report.files import in_order, write_atomically
from autograder.result import SCHEMA, Result

NAME = "results.json"


class UnknownSchema(ValueError):
    """A results file that this version cannot read."""


def write(
    folder: Path, results: Iterable[Result], *, version: str, environment: Mapping[str, Any]
) -> Path:
    """Write folder/results.json at once and return its path; `environment` is plain JSON.

    Raises ValueError for NaN and infinity, which JSON does not have.
    """
    document = {
        "schema": SCHEMA,
        "autograder": version,
        "environment": dict(environment),
        "submissions": [result.to_json() for result in in_order(results)],
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    path = folder / NAME
    write_atomically(path, _without_surrogates(text) + "\n")
    return path


def read(path: Path) -> tuple[Result, ...]:
    """Return the results of a file that `write` wrote; raises UnknownSchema and OSError."""
    document = json.loads(path.read_text("utf-8"))
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise UnknownSchema(
            f"{path} has schema {schema!r}; this version reads {SCHEMA}. Grade the class again."
        )
    return tuple(Result.from_json(one) for one in document["submissions"])


def _without_surrogates(text: str) -> str:
    """Write lone surrogates as JSON escapes: UTF-8 has none, and a student may send one."""
    return re.sub(r"[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)
