"""Takes released stubs out of a notebook that stand below the finished answer of the same name.

Python takes the last definition of a name. A student who writes the answer in a new cell above the
stub, or pastes the stub once more, would lose a finished answer to a function that does nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.notebooks.statements import Statement, statements

__all__ = ["MARKER", "LeftStub", "without_left_stubs"]

MARKER = "YOUR CODE HERE"
"""The words of a released stub."""

_STUB_LIKE = re.compile(r"\braise[ \t]+NotImplementedError\b")
_MAGIC = re.compile(r"^([ \t]*)[%!?]", re.MULTILINE)
_OTHER_CELL = re.compile(r"\A\s*%%(?!time\b|capture\b|prun\b)")
"""A cell whose lines are not run as a part of the notebook: a file's, a shell's, a page's."""


@dataclass(frozen=True, slots=True)
class LeftStub:
    """A stub that was taken out: its function, its cell, and the answer's cell, from 0."""

    function: str
    cell: int
    answer: int


def without_left_stubs(cells: Sequence[str]) -> tuple[tuple[str, ...], tuple[LeftStub, ...]]:
    """Return the code cells without stubs that undo an answer above them, and those stubs.

    A stub is a function that does nothing but raise NotImplementedError. Its lines become empty, so
    that all other lines keep their numbers. A cell that Python cannot parse stays as it is.
    """
    if not any(_STUB_LIKE.search(source) for source in cells):
        return tuple(cells), ()
    answers: dict[str, int] = {}
    kept: list[str] = []
    found: list[LeftStub] = []
    for number, source in enumerate(cells):
        lines = source.split("\n")
        for statement in _statements(source):
            name = _stub(statement)
            if name and name in answers:
                found.append(LeftStub(name, number, answers[name]))
                blank = [""] * (statement.last - statement.first + 1)
                lines[statement.first - 1 : statement.last] = blank
            elif not name:
                answers |= dict.fromkeys(_answered(statement, answers), number)
        kept.append("\n".join(lines))
    return tuple(kept), tuple(found)


def _statements(source: str) -> tuple[Statement, ...]:
    """Return the statements of a cell; lines of IPython's own count as comments."""
    if _OTHER_CELL.match(source):
        return ()
    try:
        return statements(_MAGIC.sub(r"\1#", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _stub(statement: Statement) -> str:
    """Return the name of the function that a stub stands for, '' for any other statement."""
    node = statement.node
    if not statement.defines or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return node.name if len(body) == 1 and _is_stub_line(body[0]) else ""


def _is_stub_line(node: ast.stmt) -> bool:
    """Return whether a line raises NotImplementedError with nothing said, or the stub's words."""
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    call = node.exc if isinstance(node.exc, ast.Call) else None
    error = node.exc if call is None else call.func
    arguments = [] if call is None else call.args
    said = [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
    is_ours = len(arguments) == len(said) and said in ([], [MARKER])
    return is_ours and isinstance(error, ast.Name) and error.id == "NotImplementedError"


def _answered(statement: Statement, answers: Collection[str]) -> frozenset[str]:
    """Return the names that a statement gives to something that can be called."""
    if statement.defines:
        return statement.names
    imported = frozenset(bound for _, name, bound in statement.imports if name)
    return imported | _assigned(statement.node, answers)


def _assigned(node: ast.stmt, answers: Collection[str]) -> frozenset[str]:
    """Return the names of `name = lambda ...` and `name = answer`; data may have any other name."""
    if not isinstance(node, ast.Assign):
        return frozenset()
    value = node.value
    if not isinstance(value, ast.Lambda) and not (
        isinstance(value, ast.Name) and value.id in answers
    ):
        return frozenset()
    return frozenset(target.id for target in node.targets if isinstance(target, ast.Name))
