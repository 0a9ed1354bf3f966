"""Reads a notebook of nbgrader or Otter-Grader into pieces: text, code, solutions and tests."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.errors import CannotBegin, UnreadableNotebook
from autograder.notebooks import reader
from autograder.notebooks.encoding import unix_lines

__all__ = ["Piece", "Role", "Source", "read_source"]

_LEFT_OUT = re.compile(
    r"^[ \t]*#+ ?BEGIN MARK SCHEME[ \t]*$.*?^[ \t]*#+ ?END MARK SCHEME[ \t]*$", re.M | re.S
)
_HIDDEN = re.compile(
    r"^[ \t]*#+ ?BEGIN HIDDEN TESTS?[ \t]*$(.*?)^[ \t]*#+ ?END HIDDEN TESTS?[ \t]*$", re.M | re.S
)
_SOLUTION = re.compile(r"#+ ?(?:BEGIN SOLUTION|SOLUTION(?: NO PROMPT)?[ \t]*$)", re.M)
_OTTER = re.compile(r"#+ ?(BEGIN|END|ASSIGNMENT) (QUESTION|SOLUTION|PROMPT|TESTS|CONFIG)")
_OTTER_CONFIG = re.compile(
    r'^[ \t]*""" ?# BEGIN TEST CONFIG(.*?)""" ?# END TEST CONFIG', re.M | re.S
)
_OTTER_HIDDEN = re.compile(r"^[ \t]*# ?HIDDEN(?: TEST)?[ \t]*$", re.M)
_ENTRY = re.compile(r"^[ \t]*(name|points|manual|hidden):[ \t]*(.+?)[ \t]*$", re.M)
_MOST_POINTS = 1000.0


class Role(enum.Enum):
    """What a piece of a notebook is for."""

    TEXT = enum.auto()
    CODE = enum.auto()
    SOLUTION = enum.auto()
    TESTS = enum.auto()
    MANUAL = enum.auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a notebook.

    `name` is the id that it has there, '' without one. `points` are what tests, or a question that
    a person grades, are worth. `hidden` tests are not for students. `shown` is the text below a
    cell of code, the value of its last expression.
    """

    role: Role
    source: str
    name: str = ""
    points: float = 0.0
    hidden: bool = False
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A notebook in pieces, and a sentence for each part that was left out."""

    pieces: tuple[Piece, ...]
    notes: tuple[str, ...]


def read_source(path: Path) -> Source:
    """Read the instructor's version of a notebook, with its solutions and tests.

    Raises CannotBegin for a file that cannot be read, and for a notebook in which nothing tells
    what students write.
    """
    try:
        data = path.read_bytes()
        reader.read(data, path.suffix)  # its limits hold here, too
        value = json.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise CannotBegin(f"{path} cannot be read: {error.strerror}") from None
    except (UnreadableNotebook, ValueError) as error:
        raise CannotBegin(f"{path} cannot be read: {error}") from None
    nodes = value.get("cells") if isinstance(value, dict) else None
    if path.suffix.lower() != ".ipynb" or not isinstance(nodes, list):
        raise CannotBegin(f"{path} is no notebook of nbformat 4: open it in Jupyter and save it")
    cells = [cell for cell in map(_cell, nodes) if cell is not None]
    found = _Otter().read(cells) if any(map(_otter_mark, cells)) else _of_nbgrader(cells)
    if not any(piece.role is Role.SOLUTION for piece in found.pieces):
        raise CannotBegin(
            f"{path} has no solution: nbgrader marks one with the metadata `solution` or with "
            "### BEGIN SOLUTION, Otter-Grader with a raw cell # BEGIN SOLUTION. Take the "
            "instructor's version of the notebook, not that of students"
        )
    return found


@dataclass(frozen=True, slots=True)
class _Cell:
    kind: str
    source: str
    grading: Mapping[str, Any]
    shown: str


def _cell(node: Any) -> _Cell | None:
    """Return a cell, None for what is none; nothing in the file is what it should be for sure."""
    if not isinstance(node, dict):
        return None
    source = node.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    metadata = node.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if not isinstance(source, str):
        return None
    return _Cell(
        str(node.get("cell_type")),
        _text(source),
        grading if isinstance(grading, dict) else {},
        _shown(node.get("outputs")),
    )


def _text(value: Any) -> str:
    """Return a text that can be written to a file, its lines ending as on Unix."""
    return unix_lines(str(value)).replace("\0", "")


def _shown(outputs: Any) -> str:
    """Return the plain text of a cell's last value."""
    for output in outputs if isinstance(outputs, list) else ():
        data = output.get("data") if isinstance(output, dict) else None
        text = data.get("text/plain") if isinstance(data, dict) else None
        if isinstance(text, list) and all(isinstance(line, str) for line in text):
            text = "".join(text)
        if isinstance(text, str) and output.get("output_type") == "execute_result":
            return text
    return ""


def _number(value: Any) -> float:
    """Return points as a number from 0 to 1000; 0 for anything else."""
    try:
        points = float(str(value))
    except ValueError:
        return 0.0
    return points if 0 < points <= _MOST_POINTS else 0.0


def _of_nbgrader(cells: list[_Cell]) -> Source:
    pieces: list[Piece] = []
    notes: list[str] = []
    for number, cell in enumerate(cells, 1):
        text = _LEFT_OUT.sub("", cell.source)
        name = _text(cell.grading.get("grade_id") or "")
        points = _number(cell.grading.get("points"))
        solves, graded = (bool(cell.grading.get(key)) for key in ("solution", "grade"))
        if text != cell.source:
            notes.append(f"cell {number}: its mark scheme was left out")
        if cell.kind == "markdown":
            is_manual = (solves and graded) or bool(cell.grading.get("task"))
            role = Role.MANUAL if is_manual else Role.TEXT
            pieces.append(Piece(role, text, name, points))
        elif cell.kind == "code" and (solves or _SOLUTION.search(text)):
            pieces.append(Piece(Role.SOLUTION, text, name))
            if graded:
                notes.append(f"cell {number}: code that a person grades became code without points")
        elif cell.kind == "code" and graded:
            pieces += _split(Piece(Role.TESTS, text, name, points, shown=cell.shown))
        elif cell.kind == "code":
            pieces.append(Piece(Role.CODE, text, name))
    return Source(tuple(pieces), tuple(notes))


def _split(tests: Piece) -> Iterator[Piece]:
    """Yield the visible and the hidden tests of a cell, which share its points."""
    visible = _HIDDEN.sub("", tests.source)
    hidden = "\n".join(found[1] for found in _HIDDEN.finditer(tests.source))
    parts = [(visible, False), (hidden, True)]
    there = [(text, is_hidden) for text, is_hidden in parts if _does_something(text)]
    for text, is_hidden in there:
        points = tests.points / len(there)
        yield replace(tests, source=text, points=points, hidden=is_hidden)


def _does_something(text: str) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in text.splitlines())


def _otter_mark(cell: _Cell) -> tuple[str, str] | None:
    """Return the two words of a raw cell that marks a part, such as ("BEGIN", "TESTS")."""
    found = _OTTER.match(cell.source.strip()) if cell.kind == "raw" else None
    return (found[1], found[2]) if found else None


@dataclass(slots=True)
class _Otter:
    """The parts of a notebook of Otter-Grader that are open while its cells are read."""

    pieces: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    question: dict[str, str] = field(default_factory=dict)
    tests: list[Piece] = field(default_factory=list)

    def read(self, cells: list[_Cell]) -> Source:
        for cell in cells:
            mark = _otter_mark(cell)
            if mark is None:
                self._take(cell)
            else:
                self._mark(*mark, cell.source)
        self._close()
        return Source(tuple(self.pieces), tuple(self.notes))

    def _mark(self, word: str, part: str, source: str) -> None:
        if part == "QUESTION":
            self._close()
            self.question = dict(_ENTRY.findall(source)) if word == "BEGIN" else {}
            self.open.clear()
        elif word == "BEGIN":
            self.open.add(part)
        else:
            self.open.discard(part)

    def _close(self) -> None:
        """Share the points of a question among its tests that have none of their own."""
        rest = [test for test in self.tests if not test.points]
        of_question = _number(self.question.get("points")) or float(len(self.tests))
        given = sum(test.points for test in self.tests)
        for test in self.tests:
            share = max(0.0, of_question - given) / len(rest) if rest else 0.0
            self.pieces.append(replace(test, points=test.points or share))
        self.tests = []

    def _take(self, cell: _Cell) -> None:
        name = self.question.get("name", "").strip("'\"")
        if "PROMPT" in self.open or cell.kind not in ("code", "markdown"):
            return
        if cell.kind == "markdown":
            is_manual = self.question.get("manual", "").lower() == "true"
            if "SOLUTION" not in self.open:
                self.pieces.append(Piece(Role.TEXT, cell.source))
            elif is_manual:
                points = _number(self.question.get("points"))
                self.pieces.append(Piece(Role.MANUAL, cell.source, name, points))
            else:
                self.notes.append(f"{name or 'a question'}: the text of its solution was left out")
        elif "TESTS" in self.open:
            self.tests.append(self._test(cell, name))
        else:
            solves = "SOLUTION" in self.open or bool(_SOLUTION.search(cell.source))
            role = Role.SOLUTION if solves else Role.CODE
            self.pieces.append(Piece(role, cell.source, name if solves else ""))

    def _test(self, cell: _Cell, name: str) -> Piece:
        config = _OTTER_CONFIG.search(cell.source)
        entries = dict(_ENTRY.findall(config[1])) if config else {}
        text = _OTTER_HIDDEN.sub("", _OTTER_CONFIG.sub("", cell.source))
        hidden = bool(_OTTER_HIDDEN.search(cell.source)) or entries.get("hidden") == "true"
        points = _number(entries.get("points"))
        return Piece(Role.TESTS, text, name, points, hidden, cell.shown)
