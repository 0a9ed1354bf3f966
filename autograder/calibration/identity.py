"""The identity of an answer: a digest that changes when the answer may measure something else."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator

from autograder.errors import UnreadableNotebook
from autograder.grading.task import Task
from autograder.notebooks import reader

__all__ = ["identity"]

_DOCUMENTED = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def identity(task: Task) -> str:
    """Return 16 hex digits for an answer's code, cell by cell, and for its trained model.

    Comments, docstrings, blank lines and the cells of text do not count.
    """
    total = hashlib.sha256(hashlib.sha256(task.model).digest())
    for cell in _cells(task):
        total.update(hashlib.sha256(cell.encode()).digest())
    return total.hexdigest()[:16]


def _cells(task: Task) -> Iterator[str]:
    try:
        notebook = reader.read(task.content, task.suffix)
    except UnreadableNotebook:  # it is graded all the same, and the run tells its author why
        yield task.content.decode("utf-8", "replace")
        return
    for cell in notebook.code:
        yield f"{' '.join(cell.tags)}\n{_plain(cell.source)}"


def _plain(source: str) -> str:
    """Return code without comments and docstrings; as it stands where Python cannot parse it."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # a magic command of IPython, or a null byte
        return source
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            # A module without statements stays empty; a definition needs one.
            node.body = node.body[1:] or ([] if isinstance(node, ast.Module) else [ast.Pass()])
    return ast.unparse(ast.fix_missing_locations(tree))
