"""The imports and definitions of a foreign notebook that its tests need, found by name."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from autograder.notebooks.statements import Statement, statements

__all__ = ["Carried", "Names", "loaded"]

_TRAINING = frozenset(("keras", "tensorflow", "tf_keras", "torch", "jax"))
_MINE = frozenset((*dir(builtins), "__name__", "_", "display", "get_ipython", "print"))


@dataclass(slots=True)
class Carried:
    """What a check takes along.

    `imports` are lines for the top of its file, `helpers` definitions of the notebook, `students`
    the functions and classes that students write, `variables` those that their code computes.
    `unknown` are names that nothing in the notebook binds, `refused` are libraries that checks must
    not import.
    """

    imports: dict[str, None] = field(default_factory=dict)
    helpers: dict[str, None] = field(default_factory=dict)
    students: dict[str, None] = field(default_factory=dict)
    variables: dict[str, None] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    refused: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Names:
    """Where each name of a notebook comes from: what students write, an import, or other code."""

    students: frozenset[str]
    variables: frozenset[str]
    _imports: dict[str, str] = field(default_factory=dict)
    _helpers: dict[str, Statement] = field(default_factory=dict)

    def add(self, code: str) -> None:
        """Learn what code of the notebook binds; code that cannot be parsed binds nothing."""
        try:
            found = statements(code)
        except (SyntaxError, ValueError, RecursionError):
            return
        for one in found:
            if one.imports:
                for node in one.nodes:
                    self._imports |= _lines(node)
            elif one.only_binds:
                self._helpers |= dict.fromkeys(one.names, one)

    def carried(self, code: Iterable[ast.AST], bound: frozenset[str]) -> Carried:
        """Return what code needs; the names that are `bound` in it need nothing."""
        found = Carried()
        self._collect(code, bound, found)
        return found

    def _collect(self, code: Iterable[ast.AST], bound: frozenset[str], found: Carried) -> None:
        for name in loaded(code):
            if name in bound:
                continue
            if name in self.students:
                found.students[name] = None
            elif name in self.variables:
                found.variables[name] = None
            elif name in self._imports:
                self._import(name, found)
            elif name in self._helpers:
                self._help(name, found)
            elif name not in _MINE:
                found.unknown[name] = None

    def _import(self, name: str, found: Carried) -> None:
        line = self._imports[name]
        library = line.split()[1].partition(".")[0]
        if library in _TRAINING:
            found.refused[library] = None
        else:
            found.imports[line] = None

    def _help(self, name: str, found: Carried) -> None:
        """Take a definition along, below all that it needs itself."""
        one = self._helpers[name]
        text = "\n".join(ast.unparse(node) for node in one.nodes)
        if text in found.helpers:
            return
        found.helpers[text] = None  # before what it needs: a function may call itself
        self._collect(one.nodes, one.names, found)
        del found.helpers[text]
        found.helpers[text] = None


def loaded(code: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that code reads but does not bind itself, as a variable or an argument."""
    for node in code:
        own = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
        own |= {
            part.id
            for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            if not isinstance(node, ast.AugAssign)
        }
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id not in own:
                yield part.id


def _lines(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield each name that an import binds, with a line that imports it alone."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            line = ast.unparse(
                ast.Import([alias])
                if isinstance(node, ast.Import)
                else ast.ImportFrom(node.module, [alias], node.level)
            )
            yield alias.asname or alias.name.partition(".")[0], line
