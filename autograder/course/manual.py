"""Questions that a person grades: how exercise.toml declares them, and the text of their cells."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.errors import SettingsError
from autograder.notebooks.overlay import BEGIN, END
from autograder.notebooks.reader import Notebook

__all__ = [
    "PROMPT",
    "Manual",
    "ManualTable",
    "Written",
    "answers",
    "blank",
    "cells_of",
    "declared",
]

PROMPT = "*YOUR ANSWER HERE*"
PICTURES = (".png", ".jpg", ".jpeg")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # both an nbformat cell id and a grade_id of nbgrader
_REGION = re.compile(
    rf"^[ \t]*{re.escape(BEGIN)}[ \t]*$.*?^[ \t]*{re.escape(END)}[ \t]*$", re.MULTILINE | re.DOTALL
)
_FILE = re.compile(r"[A-Za-z0-9][\w-]*\.\w+")


@dataclass(frozen=True, slots=True)
class Manual:
    """A question that a person grades.

    `id` is the id of the Markdown cell of solution.py in which students write. `points` is what
    the question is worth. `upload` is the name of the picture that students hand in beside the
    notebook, '' without a picture.
    """

    id: str
    title: str
    points: float
    upload: str = ""


@dataclass(frozen=True, slots=True)
class ManualTable:
    """The table [manual.ID] of exercise.toml."""

    title: str
    points: float
    upload: str = ""


def declared(tables: Mapping[str, ManualTable], path: Path) -> tuple[Manual, ...]:
    """Return the questions that the exercise.toml at `path` declares; raises SettingsError."""
    return tuple(_declared(path, *entry) for entry in tables.items())


def _declared(path: Path, id_: str, table: ManualTable) -> Manual:
    where = f"{path}: manual.{id_}"
    if not _ID.fullmatch(id_) or id_.startswith("test"):
        raise SettingsError(
            f"{where}: is no id of a question: use up to 64 of the letters a-z, digits, _ and -, "
            "and another beginning than `test`, with which the names of checks begin"
        )
    if not table.title.strip():
        raise SettingsError(f"{where}.title is empty: students read it beside their points")
    if not (math.isfinite(table.points) and table.points > 0):
        raise SettingsError(f"{where}.points is {table.points:g}, expected a number above 0")
    if table.upload and not _is_picture(table.upload):
        raise SettingsError(
            f"{where}.upload is {table.upload!r}, expected a plain file name that ends in "
            f"{', '.join(PICTURES)}"
        )
    return Manual(id_, table.title, table.points, table.upload)


def _is_picture(name: str) -> bool:
    return bool(_FILE.fullmatch(name)) and PurePosixPath(name).suffix in PICTURES


def blank(text: str) -> str:
    """Return the text of a Markdown cell as students get it: a prompt in place of an answer."""
    return _REGION.sub(PROMPT, text)


def cells_of(manual: Iterable[Manual], solution: Notebook, path: Path) -> dict[str, str]:
    """Return the text of each question's cell as students get it, by id.

    `path` is that of the solution. Raises SettingsError for a question without a Markdown cell.
    """
    found: dict[str, str] = {}
    texts = {cell.id: cell.source for cell in solution.cells if cell.kind == "markdown" and cell.id}
    for question in manual:
        if question.id not in texts:
            raise SettingsError(
                f"{path.with_name('exercise.toml')}: manual.{question.id} has no cell: give the "
                f"Markdown cell of {path.name} in which students answer the id, as in "
                f'`# %% [markdown] id="{question.id}"`; there: {", ".join(sorted(texts)) or "none"}'
            )
        found[question.id] = blank(texts[question.id])
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """What a student wrote for a question: `is_elsewhere` where it stands in other text cells."""

    text: str
    is_elsewhere: bool = False


def answers(
    notebook: Notebook, cells: Mapping[str, str], released: Iterable[str]
) -> dict[str, Written]:
    """Return what a student wrote for each question whose cell is in `cells`, by id.

    `cells` has the text with which students start, `released` the texts of all cells that they
    got. A student may have answered in a cell of its own, and some programs drop the ids of cells:
    where a question's own cell is missing or untouched, all text counts that the student added.
    """
    markdown = [cell for cell in notebook.cells if cell.kind == "markdown"]
    own = {
        cell.id: cell.source
        for cell in markdown
        if cell.id is not None and cell.id in cells and _is_changed(cell.source, cells[cell.id])
    }
    known = {_plain(text) for text in released} | {_plain(text) for text in own.values()}
    added = [cell.source for cell in markdown if _plain(cell.source) not in known | {""}]
    elsewhere = Written("\n\n".join(added), is_elsewhere=bool(added))
    return {id_: Written(own[id_]) if id_ in own else elsewhere for id_ in cells}


def _is_changed(text: str, before: str) -> bool:
    return _plain(text) not in ("", _plain(before))


def _plain(text: str) -> str:
    return " ".join(text.split())
