"""Turns an authored cell into its stub: each answer becomes a line that says YOUR CODE HERE."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manual import PROMPT
from autograder.errors import ReleaseError
from autograder.notebooks.left_stubs import MARKER
from autograder.notebooks.overlay import BEGIN, END
from autograder.notebooks.reader import Cell

__all__ = ["BEGIN", "END", "STUB", "blank_out", "cell_id", "solution_lines"]

STUB = f'raise NotImplementedError("{MARKER}")'

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_MARK_LIKE = re.compile(r"#.*\b(?:BEGIN|END)[ _-]+SOLUTION", re.IGNORECASE)
_WORDS = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class _Region:
    """The lines of an answer's two markers; the cell's first line is 1."""

    begin: int
    end: int


def blank_out(cell: Cell, path: Path) -> str:
    """Return the cell's source with `raise NotImplementedError("YOUR CODE HERE")` for each answer.

    In a Markdown cell the answer to a question becomes *YOUR ANSWER HERE*.

    Raises ReleaseError, naming `path` and the line, for markers that are unbalanced, nested,
    misspelt or outside a function, and for code beside the markers in an answer's function.
    """
    regions = _regions(cell, path)
    if cell.kind == "code":
        _check_functions(cell, regions, path)
    lines = cell.source.split("\n")
    for region in reversed(regions):
        mark = lines[region.begin - 1]
        indent = mark[: len(mark) - len(mark.lstrip())]
        lines[region.begin - 1 : region.end] = [indent + STUB if cell.kind == "code" else PROMPT]
    return "\n".join(lines)


def solution_lines(cell: Cell, path: Path) -> list[str]:
    """Return the lines of the cell's answers, without their markers."""
    lines = cell.source.split("\n")
    return [
        line for region in _regions(cell, path) for line in lines[region.begin : region.end - 1]
    ]


def cell_id(cell: Cell) -> str:
    """Return an id that stays while the cell stays: the name of its first function, or a hash."""
    function = re.search(r"^def (\w+)", cell.source, re.MULTILINE) if cell.kind == "code" else None
    if function:
        return _WORDS.sub("-", function[1])[:60]
    digest = hashlib.sha256(f"{cell.kind}\n{cell.source}".encode()).hexdigest()
    return f"{cell.kind}-{digest[:8]}"


def _error(cell: Cell, path: Path, line: int, text: str) -> ReleaseError:
    return ReleaseError(f"{path}:{cell.line + line - 1}: {text}")


def _regions(cell: Cell, path: Path) -> list[_Region]:
    regions = []
    begin = 0
    for number, line in enumerate(cell.source.split("\n"), 1):
        mark = line.strip()
        if cell.kind == "raw" or mark not in (BEGIN, END):
            if _MARK_LIKE.search(line):
                raise _error(cell, path, number, f"{mark!r} is not exactly {BEGIN!r} or {END!r}")
        elif mark == BEGIN:
            if begin:
                raise _error(cell, path, number, f"a second {BEGIN!r} before {END!r}")
            begin = number
        else:
            if not begin:
                raise _error(cell, path, number, f"{END!r} without {BEGIN!r}")
            regions.append(_Region(begin, number))
            begin = 0
    if begin:
        raise _error(cell, path, begin, f"{BEGIN!r} without {END!r} in its cell")
    return regions


def _check_functions(cell: Cell, regions: list[_Region], path: Path) -> None:
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        raise _error(cell, path, error.lineno or 1, f"a syntax error: {error.msg}") from None
    functions = [node for node in ast.walk(tree) if isinstance(node, _Function)]
    for region in regions:
        around = [f for f in functions if f.lineno < region.begin <= (f.end_lineno or 0)]
        if not around:
            raise _error(cell, path, region.begin, "an answer that is not inside a function")
        function = max(around, key=lambda f: f.lineno)
        _check_function(cell, function, region, path)


def _check_function(cell: Cell, function: _Function, region: _Region, path: Path) -> None:
    documented = ast.get_docstring(function) is not None
    body = function.body[1:] if documented else function.body
    lines = cell.source.split("\n")
    for node in body:
        if not (region.begin < node.lineno and (node.end_lineno or 0) < region.end):
            text = f"this line of {function.name} is outside the markers: students would see it"
            raise _error(cell, path, node.lineno, text)
    for number in (region.begin, region.end):
        indent = len(lines[number - 1]) - len(lines[number - 1].lstrip())
        if indent != function.body[0].col_offset:
            raise _error(cell, path, number, f"a marker not indented as {function.name} is")
