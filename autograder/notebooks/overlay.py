"""Lays a short script over a notebook in percent format: its definitions replace their namesakes.

This is how a wrong answer that holds a single function becomes a whole notebook.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import AnswerError
from autograder.notebooks.percent import split
from autograder.notebooks.statements import Statement, statements

__all__ = ["BEGIN", "END", "Change", "Script", "changes", "compose"]

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
"""The lines in a function that students fill, above and below what they do not see."""

_END = -1  # the place of a statement that none of the solution's statements follows
_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """A file of Python code."""

    path: Path
    text: str

    @property
    def lines(self) -> list[str]:
        """Its lines, whichever characters end them."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def statements(self, *, magics: bool = False) -> tuple[Statement, ...]:
        """Return the statements at its top; raises AnswerError for a syntax error.

        With `magics`, lines that only a notebook can run are read as lines that do nothing.
        """
        text = "\n".join(self.lines)
        try:
            return statements(text)
        except (SyntaxError, ValueError, RecursionError) as error:
            if magics and _MAGIC.search(text):
                with suppress(SyntaxError):
                    return statements(_MAGIC.sub(r"\1pass", text))
            line = error.lineno if isinstance(error, SyntaxError) else None
            told = error.msg if isinstance(error, SyntaxError) else str(error)
            raise self.fault(line or 1, f"a syntax error: {told}") from None

    def fault(self, line: int, text: str) -> AnswerError:
        """Return an error that names the file and the line."""
        return AnswerError(f"{self.path}:{line}: {text}")


@dataclass(frozen=True, slots=True)
class Change:
    """What an answer has in place of a part of the solution.

    `names` are the names that it binds. `before` and `after` are code without docstrings and
    markers; `before` is empty for new code.
    """

    names: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Placed:
    """A statement of the answer and its place in the solution.

    `at` is the index of the solution's statement that it replaces or follows, and `drops` are the
    indices of all that it replaces. A `free` statement binds none of the solution's names.
    """

    statement: Statement
    at: int = _END
    drops: frozenset[int] = frozenset()
    free: bool = True


@dataclass(frozen=True, slots=True)
class _Solution:
    """The solution's lines and its statements outside of cells tagged `demo`, which no grader runs.

    `binder` is the index of the last statement that binds a name.
    """

    lines: list[str]
    statements: Sequence[Statement]
    binder: Mapping[str, int]

    def filled(self) -> frozenset[str]:
        """Return the functions and classes that students fill; without markers, all of them."""
        defining = [one for one in self.statements if one.defines]
        marked = [one for one in defining if BEGIN in one.text(self.lines)]
        return frozenset(name for one in marked or defining for name in one.names)

    def namesakes(self, statement: Statement) -> frozenset[int]:
        """Return the indices of the statements that bind a name of this statement last."""
        return frozenset(self.binder[name] for name in statement.names if name in self.binder)

    def lacking(self, others: Iterable[Statement]) -> bool:
        """Tell whether the solution has a statement that does something and is not among others."""
        there = {one.essence for one in others}
        return any(one.essence not in there for one in self.statements if not one.does_nothing)

    def has(self, statement: Statement) -> bool:
        """Tell whether the solution says the same already."""
        if statement.imports:
            there = {alias for one in self.statements for alias in one.imports}
            return statement.imports <= there and all(
                self.statements[index].imports for index in self.namesakes(statement)
            )
        found = [self.statements[index] for index in self.namesakes(statement)]
        return (
            len(found) == 1
            and not statement.changes_in_place
            and found[0].essence == statement.essence
        )


def compose(solution: Script, answer: Script) -> str | None:
    """Return the solution with what an answer changes; None for an answer that is complete.

    An answer is complete if it defines every function and class that students fill. Otherwise each
    def, class or assignment of the answer stands in place of the solution's statement of that name,
    in its cell. Other statements stand before the definition that follows them in the answer, or
    in a cell at the end. Cells tagged `demo` stay as they are, and what they define does not count.

    Raises AnswerError, which names the file and the line, for a syntax error, a name that is
    defined twice, an order that the solution does not have, and an answer that changes nothing.
    """
    ours = _read(solution)
    if _is_complete(ours, answer.statements(magics=True)):
        own = [one for one in _read(answer).statements if not one.does_nothing]
        if not ours.lacking(own):
            _check_difference(ours, own, answer)
        return None
    theirs = [one for one in answer.statements() if not one.does_nothing]
    _check_difference(ours, theirs, answer)
    _check_names(ours, theirs, answer)
    for one in theirs:
        if len(split(one.text(answer.lines))) > 1:
            raise answer.fault(one.first, "a `# %%` line within a statement would begin a cell")
    return _written(ours, _arranged(ours, theirs, answer), answer.lines)


def changes(solution: Script, answer: Script) -> tuple[Change, ...]:
    """Return what differs between an answer and the solution, in the answer's order.

    Comments, docstrings, annotations, and imports that the solution has do not count. Raises
    AnswerError for a syntax error.
    """
    ours = _read(solution)
    found = []
    for one in answer.statements(magics=True):
        if one.does_nothing or ours.has(one):
            continue
        old = sorted(ours.namesakes(one)) if one.only_binds else []
        before = "\n".join(_code(ours.statements[index], ours.lines) for index in old)
        found.append(Change(tuple(sorted(one.names)), before, _code(one, answer.lines)))
    return tuple(found)


def _read(script: Script) -> _Solution:
    demos: set[int] = set()
    for part in split("\n".join(script.lines)):
        tags = part.options.get("tags")
        if isinstance(tags, list) and "demo" in tags:
            demos.update(range(part.line, part.line + part.source.count("\n") + 1))
    kept = [one for one in script.statements(magics=True) if one.first not in demos]
    binder = {name: index for index, one in enumerate(kept) for name in one.names}
    return _Solution(script.lines, kept, binder)


def _code(statement: Statement, lines: list[str]) -> str:
    """Return the lines of a statement without its docstring and without markers."""
    words = statement.docstring
    return "\n".join(
        line
        for number, line in enumerate(lines[: statement.last], 1)
        if number >= statement.first and number not in words and line.strip() not in (BEGIN, END)
    )


def _is_complete(ours: _Solution, theirs: Iterable[Statement]) -> bool:
    filled = ours.filled()
    return bool(filled) and filled <= {name for one in theirs for name in one.names}


def _check_difference(ours: _Solution, theirs: Sequence[Statement], answer: Script) -> None:
    if all(ours.has(one) for one in theirs):
        names = ", ".join(sorted(ours.filled())) or "a name of the solution"
        told = "nothing differs from solution.py; define what this answer does otherwise"
        raise answer.fault(theirs[0].first if theirs else 1, f"{told}: {names}")


def _check_names(ours: _Solution, theirs: Sequence[Statement], answer: Script) -> None:
    """Refuse a second definition: nothing tells which of the two replaces the solution's."""
    first: dict[str, int] = {}
    for one in theirs:
        for name in sorted(one.names) if one.only_binds else ():
            if name in first and (one.defines or name in ours.binder):
                raise answer.fault(
                    one.first,
                    f"{name} is defined in line {first[name]} already; keep one of the two",
                )
            first.setdefault(name, one.first)


def _arranged(ours: _Solution, theirs: Sequence[Statement], answer: Script) -> list[_Placed]:
    """Return where each statement of the answer goes, in the answer's order."""
    bound = Counter(name for one in theirs for name in one.names)
    placed = [
        _place(ours, one)
        for one in theirs
        if not (one.imports and ours.has(one) and all(bound[name] == 1 for name in one.names))
    ]
    following = _END
    for index in reversed(range(len(placed))):
        at = placed[index].at
        if placed[index].free:
            placed[index] = replace(placed[index], at=following)
        elif following == _END or at < following:
            following = at
    for index, one in enumerate(placed):
        _check_order(placed[:index], one, answer)
    return placed


def _place(ours: _Solution, statement: Statement) -> _Placed:
    found = ours.namesakes(statement)
    if not found:
        return _Placed(statement)
    whole = all(
        ours.statements[index].only_binds and ours.statements[index].names <= statement.names
        for index in found
    )
    if statement.only_binds and whole:
        return _Placed(statement, min(found), found, free=False)
    return _Placed(statement, max(found), free=False)


def _check_order(above: Sequence[_Placed], one: _Placed, answer: Script) -> None:
    """Refuse a statement that would run before lines above it in the answer that it may need."""
    needs = one.statement.evaluated
    names = needs.reads | one.statement.names
    for earlier in above:
        overtaken = one.at != _END and earlier.at > one.at
        if overtaken and (needs.calls or names & earlier.statement.names):
            raise answer.fault(
                one.statement.first,
                f"runs before line {earlier.statement.first}, whose place in the solution comes "
                "later, and may need it; bring the answer's lines into the solution's order",
            )


def _written(ours: _Solution, placed: Sequence[_Placed], answer: list[str]) -> str:
    at: dict[int, list[str]] = {}
    future = []
    for one in placed:
        text = one.statement.text(answer)
        if one.statement.from_future:
            future.append(text)
        else:
            at.setdefault(one.at, []).append(text)
    dropped = frozenset(index for one in placed for index in one.drops)
    lines = list(ours.lines)
    for index in sorted(dropped | (at.keys() - {_END}), reverse=True):
        old = ours.statements[index]
        first = old.first - 1 if index in dropped else old.last
        lines[first : old.last] = "\n\n".join(at.get(index, [])).split("\n")
    if future:  # it holds for all cells that run later
        start = _header_lines(ours)
        lines[start:start] = ["# %%", *future, ""]
    if _END in at:
        lines += ["", "# %%", *"\n\n".join(at[_END]).split("\n")]
    return "\n".join(lines).rstrip("\n") + "\n"


def _header_lines(ours: _Solution) -> int:
    """Return how many lines the YAML header of the solution has."""
    lines = [line.strip() for line in ours.lines]
    if lines[0] != "# ---" or "# ---" not in lines[1:]:
        return 0
    return lines.index("# ---", 1) + 1
