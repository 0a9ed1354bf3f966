"""Finds the definitions of a cell that can still be made when the rest of it cannot run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.worker.scripts import WRITING

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_ATOMS = (ast.Constant, ast.Lambda, ast.Name)
_CONTINUES = re.compile(r"[ \t#)\]}]|(?:else|elif|except|finally|case)\b")
_MAX_JOINED = 40  # top-level lines that one broken statement may swallow


def is_definition(node: ast.stmt) -> bool:
    """Whether a top-level statement only gives names: def, class, import, constant, alias.

    `try: import a / except ImportError: a = None` counts as a definition, and so does a cell that
    writes a file, which later imports may read.
    """
    if isinstance(node, _NAMED):
        return True
    if isinstance(node, ast.Assign):
        return all(_is_name(target) for target in node.targets) and _is_simple(node.value)
    if isinstance(node, ast.AnnAssign):
        return _is_name(node.target) and node.value is not None and _is_simple(node.value)
    if isinstance(node, ast.Try):
        handled = [statement for handler in node.handlers for statement in handler.body]
        inside = [*node.body, *handled, *node.orelse, *node.finalbody]
        return all(isinstance(part, ast.Pass) or is_definition(part) for part in inside)
    # `type X = ...`, from Python 3.12
    return type(node).__name__ == "TypeAlias" or _writes_file(node)


def _writes_file(node: ast.stmt) -> bool:
    """Whether a statement is what IPython makes of a `%%writefile` cell."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not call.args:
        return False
    magic = call.args[0]
    is_magic = call.func.attr == "run_cell_magic" and isinstance(magic, ast.Constant)
    return is_magic and isinstance(magic, ast.Constant) and magic.value in WRITING


def _is_name(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple):
        return all(_is_name(element) for element in node.elts)
    return isinstance(node, ast.Name)


def _is_simple(node: ast.expr) -> bool:
    """A constant, arithmetic on constants, an alias such as `keras.layers`, or lists of those."""
    if isinstance(node, _ATOMS):
        return True
    if isinstance(node, ast.Attribute):
        return _is_simple(node.value)
    if isinstance(node, ast.UnaryOp):
        return _is_simple(node.operand)
    if isinstance(node, ast.BinOp):
        return _is_simple(node.left) and _is_simple(node.right)
    if isinstance(node, ast.Dict):
        parts = (*node.keys, *node.values)
        return all(part is not None and _is_simple(part) for part in parts)
    return isinstance(node, ast.Tuple | ast.List | ast.Set) and all(map(_is_simple, node.elts))


def statements(source: str) -> list[ast.stmt]:
    """The top-level statements of `source`; those with a syntax error in them are left out."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return list(_salvaged(source.split("\n")))


def _salvaged(lines: list[str]) -> Iterator[ast.stmt]:
    """Parse from one top-level line to another, the shortest stretch that is valid first."""
    starts = [n for n, line in enumerate(lines) if line and not _CONTINUES.match(line)]
    position = 0
    while position < len(starts):
        body, used = _shortest(lines, starts, position)
        yield from body
        position += used


def _shortest(lines: list[str], starts: list[int], position: int) -> tuple[list[ast.stmt], int]:
    first = starts[position]
    for used in range(1, min(_MAX_JOINED, len(starts) - position) + 1):
        after = position + used
        last = starts[after] if after < len(starts) else len(lines)
        try:
            tree = ast.parse("\n".join(lines[first:last]))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        ast.increment_lineno(tree, first)
        return tree.body, used
    return [], 1
