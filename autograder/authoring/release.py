"""Writes the folder that students get from an authored exercise; equal input gives equal bytes."""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.authoring.stub import blank_out, cell_id, solution_lines
from autograder.checks import thresholds
from autograder.course.exercise import Exercise, settings_of
from autograder.course.manual import cells_of
from autograder.errors import ReleaseError, UnreadableNotebook
from autograder.notebooks import reader
from autograder.notebooks.reader import Cell

__all__ = [
    "check_no_leak",
    "files",
    "leaked",
    "notebook_bytes",
    "require_current",
    "secret_lines",
    "stale",
    "write_release",
]

_MIN_SECRET = 12  # shorter lines, such as `return x`, give no answer away
_COMMON = frozenset((*keyword.kwlist, *dir(builtins)))
_CACHES = frozenset({"__pycache__", ".pytest_cache", ".ipynb_checkpoints"})


def files(exercise: Exercise, data_files: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """Return the files of the released folder: their paths below it and their bytes.

    `data_files` are the training data, by file name. Raises ReleaseError, which names file and
    line, for a solution that cannot be released, and SettingsError for a question without a cell.
    """
    cells_of(settings_of(exercise).manual, _read(exercise.solution), exercise.solution)
    released = {exercise.notebook.name: notebook_bytes(exercise)}
    for path in (exercise.visible, exercise.conftest):
        if path.exists():
            released[path.name] = path.read_bytes()
    if settings_of(exercise).thresholds:
        released[thresholds.RELEASED] = thresholds.of(exercise).to_json()
    for name, data in (data_files or {}).items():
        if name in released or not _is_inside(name):
            raise ReleaseError(f"a data file cannot be called {name!r} in {exercise.released}")
        released[name] = data
    return released


def write_release(
    exercise: Exercise, data_files: Mapping[str, bytes] | None = None
) -> tuple[Path, ...]:
    """Write the released folder and return the paths of its files; other files in it stay.

    Raises ReleaseError.
    """
    written = []
    for name, data in files(exercise, data_files).items():
        path = exercise.released / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        written.append(path)
    return tuple(written)


def stale(exercise: Exercise, data_files: Mapping[str, bytes] | None = None) -> tuple[str, ...]:
    """Return a sentence for each file that differs from what `write_release` would write.

    Raises ReleaseError.
    """
    expected = files(exercise, data_files)
    present = dict(_present(exercise.released))
    missing = [f"{name}: missing" for name in sorted(expected.keys() - present.keys())]
    strays = [
        f"{name}: not written by release" for name in sorted(present.keys() - expected.keys())
    ]
    both = sorted(expected.keys() & present.keys())
    return (
        *missing,
        *(f"{name}: differs" for name in both if present[name].read_bytes() != expected[name]),
        *strays,
    )


def require_current(released: Path) -> None:
    """Raise ReleaseError where the folder of a released exercise is older than what is authored.

    A released folder outside a course, as students have it, is as current as it can be. The data
    count as current: a course's own key releases other rows than the demonstration key.
    """
    course, name = released.parent.parent, released.name
    exercise = Exercise(name, course / "solutions" / name, released)
    if not exercise.solution.is_file():
        return
    changed = [
        file
        for file, data in files(exercise).items()
        if not (released / file).is_file() or (released / file).read_bytes() != data
    ]
    if changed:
        raise ReleaseError(
            f"{released} is out of date: {', '.join(changed)} differs from what {exercise.authored}"
            f" releases now. No check was run. Run: autograder release {name}"
        )


def secret_lines(exercise: Exercise) -> frozenset[str]:
    """Return the lines of the answers and of hidden.py that no released file may hold.

    Short lines, imports and lines that are public anyway are no secrets.
    """
    cells = _read(exercise.solution).cells
    answers = [line for cell in cells for line in solution_lines(cell, exercise.solution)]
    hidden = exercise.hidden.read_text("utf-8").splitlines() if exercise.hidden.exists() else []
    public = "\n".join(_text(name, data) for name, data in files(exercise).items())
    lines = {line.strip() for line in (*answers, *hidden)}
    return frozenset(line for line in lines if _is_telling(line) and line not in public)


def leaked(secrets: frozenset[str], name: str, data: bytes) -> tuple[str, ...]:
    """Return the secret lines that the file `name` with these bytes holds."""
    text = _text(name, data)
    return tuple(sorted(line for line in secrets if line in text))


def check_no_leak(exercise: Exercise) -> tuple[str, ...]:
    """Return a sentence for each secret line that a file of the released folder holds."""
    secrets = secret_lines(exercise)
    return tuple(
        f"{name}: holds the line {line!r} of an answer or a hidden check"
        for name, path in _present(exercise.released)
        for line in leaked(secrets, name, path.read_bytes())
    )


def _read(path: Path) -> reader.Notebook:
    try:
        notebook = reader.read(path.read_bytes(), path.suffix)
    except UnreadableNotebook as error:
        raise ReleaseError(f"{path}: {error}") from None
    if notebook.warnings:
        raise ReleaseError(f"{path}: {notebook.warnings[0]}")
    return notebook


def notebook_bytes(exercise: Exercise) -> bytes:
    """Return the notebook that students get; raises ReleaseError."""
    cells = [_released(cell, exercise.solution) for cell in _read(exercise.solution).cells]
    if not any(stubbed for _, stubbed in cells):
        raise ReleaseError(f"{exercise.solution}: no ### BEGIN SOLUTION: nothing to fill in")
    ids = _ids([cell for cell, _ in cells], exercise.solution)
    value = {
        "cells": [_cell_json(cell, id_) for (cell, _), id_ in zip(cells, ids, strict=True)],
        "metadata": {
            "autograder": {"exercise": exercise.name},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    # The layout in which Jupyter saves, so that a student's own save changes little.
    text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode()


def _released(cell: Cell, path: Path) -> tuple[Cell, bool]:
    """Return the cell without its answers, and whether it had an answer."""
    source = blank_out(cell, path)
    return Cell(cell.kind, source, cell.id, cell.tags, cell.line), source != cell.source


def _ids(cells: list[Cell], path: Path) -> list[str]:
    explicit = [cell.id for cell in cells if cell.id]
    twice = next((id_ for id_ in explicit if explicit.count(id_) > 1), None)
    if twice is not None:
        raise ReleaseError(f'{path}: two cells have id="{twice}"')
    ids: list[str] = []
    for cell in cells:
        id_, number = cell.id or cell_id(cell), 1
        while not cell.id and (id_ in ids or id_ in explicit):
            number += 1
            id_ = f"{cell_id(cell)}-{number}"
        ids.append(id_)
    return ids


def _cell_json(cell: Cell, id_: str) -> dict[str, Any]:
    metadata = {"tags": list(cell.tags)} if cell.tags else {}
    common = {
        "cell_type": cell.kind,
        "id": id_,
        "metadata": metadata,
        "source": cell.source.splitlines(keepends=True),
    }
    return common | {"execution_count": None, "outputs": []} if cell.kind == "code" else common


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _present(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not _CACHES.intersection(relative.parts):
            yield relative.as_posix(), path


def _is_telling(line: str) -> bool:
    """Tell whether a line could give an answer away.

    Imports do not, and neither do lines such as `raise AssertionError(`, which hold only words of
    Python's own.
    """
    if len(line) < _MIN_SECRET or line.startswith(("import ", "from ")):
        return False
    return any(word not in _COMMON for word in re.findall(r"\w+", line))


def _text(name: str, data: bytes) -> str:
    """Return a file's text; of a notebook the strings in it, without the escapes of JSON."""
    text = data.decode("utf-8", "replace")
    if not name.endswith(".ipynb"):
        return text
    try:
        return "".join(_strings(json.loads(text)))
    except ValueError:
        return text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _strings(part)
