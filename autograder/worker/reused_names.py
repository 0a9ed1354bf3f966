"""Remembers the functions of a notebook whose names a later cell gives to something else.

`train, test = train_test_split(table)` below a finished `def train` takes the function's name away.
The function ran while its author looked at it: it stays the answer, whatever the name holds at the
end.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

__all__ = ["NamedFunctions", "called_only", "is_function"]

_OF_KERAS = ("keras", "tf_keras")


@dataclass(frozen=True, slots=True)
class _Function:
    """A function, and the code cell, from 0, after which its name held it."""

    value: Any
    cell: int


@dataclass(slots=True)
class NamedFunctions:
    """The last function that each name of a notebook held, and the cells that reused such names.

    Names in `ignored` are the shell's own.
    """

    ignored: Collection[str] = ()
    _known: dict[str, _Function] = field(default_factory=dict)
    _reused: dict[str, int] = field(default_factory=dict)

    def look(self, namespace: Mapping[str, Any], cell: int) -> None:
        """Look at what the names hold after a statement of this code cell, counted from 0."""
        for name, value in list(namespace.items()):
            if name.startswith("_") or name in self.ignored or not is_function(value):
                continue
            known = self._known.get(name)
            if known is None or known.value is not value:
                self._known[name] = _Function(value, cell)
            self._reused.pop(name, None)
        for name in self._known:
            if not is_function(namespace.get(name)):
                self._reused.setdefault(name, cell)

    @property
    def lost(self) -> dict[str, Any]:
        """The functions whose names hold something else, or nothing, by name."""
        return {name: self._known[name].value for name in self._reused}

    def notes(self) -> dict[int, list[str]]:
        """Return a sentence for each function of the student's own that lost its name, by cell."""
        notes: dict[int, list[str]] = {}
        for name, cell in self._reused.items():
            known = self._known[name]
            if _is_own(known.value):
                here = known.cell == cell
                where = "above in this cell" if here else f"of code cell {known.cell + 1}"
                words = f"the name `{name}` is used again; the function {where} counts"
                notes.setdefault(cell, []).append(words)
        return notes


def is_function(value: object) -> bool:
    """Whether a value can be a function that a check calls: callable, and no part of a model."""
    if not callable(value):
        return False
    bases = (str(base.__module__).partition(".")[0] for base in type(value).__mro__)
    return not any(base in _OF_KERAS for base in bases)


def called_only(names: Iterable[str], code: CodeType) -> list[str]:
    """Return those of the global names that functions within `code` call, and use in no other way.

    Such a name means the function that it held, whatever a later cell made of the name.
    """
    wanted = set(names)
    called: set[str] = set()
    read: set[str] = set()
    for inner in _within(code):
        for step in dis.get_instructions(inner):
            if step.opname == "LOAD_GLOBAL" and step.argval in wanted:
                # The lowest bit of the argument makes room for a call.
                (called if (step.arg or 0) & 1 else read).add(step.argval)
    return sorted(called - read)


def _within(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _within(constant)


def _is_own(value: object) -> bool:
    """Whether a function was written by the student: in the notebook, or in a file beside it."""
    module = str(getattr(value, "__module__", None))
    file = getattr(sys.modules.get(module), "__file__", None)
    return module == "__main__" or (isinstance(file, str) and Path(file).is_relative_to(Path.cwd()))
