"""Tells an import that asks whether a package is there from an import that needs the package.

`try: import google.colab` with a branch for ImportError asks. So does `find_spec("google.colab")`.
"""

from __future__ import annotations

import ast
import importlib.util
import linecache
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from autograder import PACKAGE
from autograder.notebooks.statements import called_name, last_name

__all__ = ["only_asks"]

_CATCHING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_MACHINERY = ("<frozen importlib", str(Path(importlib.util.__file__).parent))


def only_asks(caller: FrameType) -> bool:
    """Whether the import that called a finder, in the frame `caller`, only asks for the module.

    That is so where the student's code looks the module up without importing it, or where any of
    its lines under way stands in a `try`, or in a `with suppress`, that catches an ImportError.
    """
    frames = list(_frames(caller))
    machinery = [frame for frame in frames if _is_machinery(frame)]
    names = {frame.f_code.co_name for frame in machinery}
    if "_find_and_load" not in names or any(map(_looks_up, machinery)):
        return True
    return any(_is_tried(frame) for frame in frames if _is_students(frame))


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_machinery(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(_MACHINERY)


def _looks_up(frame: FrameType) -> bool:
    """Whether a frame is `importlib.util.find_spec`, which imports the parents of a module."""
    return frame.f_code is importlib.util.find_spec.__code__


def _is_students(frame: FrameType) -> bool:
    name = frame.f_code.co_filename
    if name.startswith("<"):
        return name.startswith("<cell ")
    path = Path(name).absolute()
    # Where a student checks, this package and the libraries may lie in the same folder.
    others = path.is_relative_to(PACKAGE) or "site-packages" in path.parts
    return path.is_relative_to(Path.cwd()) and not others


def _is_tried(frame: FrameType) -> bool:
    """Whether the line that a frame is at stands in a block that catches an ImportError."""
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # A broken cell, of which only the definitions are made: nothing is known of the line.
        return False
    return any(
        node.body[0].lineno <= frame.f_lineno <= (node.body[-1].end_lineno or 0)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try | ast.TryStar | ast.With) and _catches(node)
    )


def _catches(node: ast.Try | ast.TryStar | ast.With) -> bool:
    if isinstance(node, ast.With):
        return any(
            isinstance(call, ast.Call)
            and called_name(call) == "suppress"
            and any(last_name(argument) in _CATCHING for argument in call.args)
            for call in (item.context_expr for item in node.items)
        )
    caught = [handler.type for handler in node.handlers]
    parts = [part for one in caught for part in (one.elts if isinstance(one, ast.Tuple) else [one])]
    return any(part is None or last_name(part) in _CATCHING for part in parts)
