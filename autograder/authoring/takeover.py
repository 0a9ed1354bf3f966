"""Takes a notebook of nbgrader or Otter-Grader apart into an exercise, and lists its TODO lines."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.authoring.carried_names import Names, loaded
from autograder.authoring.foreign_checks import Draft, draft
from autograder.authoring.skeleton import TODO, check_name, list_in_index
from autograder.authoring.solution_cells import commented, solution_cell, without_magics
from autograder.authoring.source_notebook import Piece, Role, Source, read_source
from autograder.authoring.stub import BEGIN, END
from autograder.course.exercise import Root
from autograder.errors import CannotBegin

__all__ = ["take_over"]

_NO_ID = re.compile(r"[^A-Za-z0-9_-]+")
_NO_NAME = re.compile(r"\W+", re.ASCII)
_CELL = re.compile(r"^(#[ ]?)(%%|In\s?\[)", re.M)  # a line that would begin another cell
_FILES = re.compile(r"""["'][\w./-]+\.(?:csv|npz|npy|txt|json|pkl|h5|keras|png|jpg|zip)["']""")
_NEEDS_A_RIGHT_ANSWER = "write another right answer in right/: it must earn everything"


@dataclass(slots=True)
class _Exercise:
    """An exercise that is made of a notebook, part by part."""

    cells: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    variables: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    plain: list[str] = field(default_factory=list)
    manual: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def id(self, wanted: str, pattern: re.Pattern[str] = _NO_ID) -> str:
        """Return an id like the wanted one that no other part has."""
        base = pattern.sub("-" if pattern is _NO_ID else "_", wanted).strip("-_")[:50] or "cell"
        found, number = base, 1
        while found in self.ids:
            number += 1
            found = f"{base}-{number}" if pattern is _NO_ID else f"{base}_{number}"
        self.ids.add(found)
        return found


def take_over(course: Root, name: str, source: Path) -> tuple[Path, ...]:
    """Write an exercise under solutions/ from the instructor's version of a notebook.

    The lines with TODO in the files that are returned say what a person has to finish. Raises
    CannotBegin for a name that is taken and for a file that cannot be taken over; nothing is
    written then.
    """
    check_name(course, name)
    found = read_source(source)
    try:
        texts = _texts(name, found)
    except (RecursionError, MemoryError):  # of Python's parser, or of a walk over what it returned
        raise CannotBegin(f"{source} holds code that is nested too deep to be taken over") from None
    written = []
    for relative, text in texts.items():
        path = course.path / "solutions" / name / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        written.append(path)
    return (*written, list_in_index(course, name))


def _texts(name: str, found: Source) -> dict[str, str]:
    """Return the files of the exercise below its folder, and what they hold."""
    exercise = _Exercise()
    for number, piece in enumerate(found.pieces, 1):
        _add(exercise, piece, number)
    drafts = list(_drafts(exercise, found.pieces))
    texts = {
        "solution.py": "\n\n\n".join(exercise.cells) + "\n",
        "visible.py": _checks(name, "that you can run yourself", drafts, is_hidden=False),
        "hidden.py": _checks(name, "that only a grader has", drafts, is_hidden=True),
        "exercise.toml": _settings(exercise, found.notes),
    }
    wrong = _wrong(exercise, drafts)
    if wrong:
        texts["wrong/returns_nothing.py"] = wrong
    return texts


def _add(exercise: _Exercise, piece: Piece, number: int) -> None:
    """Add the cells that a piece of the notebook becomes; tests become checks later."""
    if piece.role in (Role.TEXT, Role.MANUAL):
        _add_text(exercise, piece)
    elif piece.role is Role.CODE:
        _add_code(exercise, piece)
    elif piece.role is Role.SOLUTION:
        became = solution_cell(piece.source, number)
        exercise.names += became.names
        exercise.variables |= became.variables
        notes = [f"# {TODO}{note}." for note in became.notes]
        for position, text in enumerate(became.cells):
            known = [one for one in became.names if re.search(rf"\b{re.escape(one)}\b", text)]
            wanted = piece.name if len(became.cells) == 1 else (known or ["code"])[0]
            lines = [*(notes if position == 0 else ()), text]
            _write_code(exercise, "\n".join(lines), wanted or (known or ["code"])[0])


def _add_text(exercise: _Exercise, piece: Piece) -> None:
    id_ = exercise.id(piece.name or "text")
    text = piece.source
    if piece.role is Role.MANUAL:
        todo = f"<!-- {TODO}say here what is asked; the answer stands between the markers. -->"
        if not re.search(r"^[ \t]*### BEGIN SOLUTION[ \t]*$", text, re.M):
            text = f"{todo}\n{BEGIN}\n{text}\n{END}"
        title = " ".join((piece.name or id_).split())
        exercise.manual.append(
            f"[manual.{json.dumps(id_)}]\ntitle = {json.dumps(title)} # {TODO}say what is asked.\n"
            f"points = {piece.points or 1:g}\n"
        )
    lines = [f"# {line}".rstrip() for line in text.strip("\n").split("\n")]
    exercise.cells.append("\n".join([f'# %% [markdown] id="{id_}"', *lines]))


def _add_code(exercise: _Exercise, piece: Piece) -> None:
    """Add code that students see; what only tries things out is a demonstration."""
    code = without_magics(piece.source).strip("\n")
    if not code.strip():
        return
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        text = f"# {TODO}this code has a syntax error: mend it, or take the cell away.\n"
        _write_code(exercise, text + commented(code), piece.name or "code")
        return
    exercise.plain.append(code)
    runs = [node for node in tree.body if not isinstance(node, _DEFINITIONS)]
    called = set(loaded(runs)) & {*exercise.names, *exercise.variables}
    is_demo = bool(called) or all(isinstance(node, ast.Expr) for node in tree.body)
    if _FILES.search(code):
        code = (
            f"# {TODO}a file is read: make a data set of it, and name it in exercise.toml.\n{code}"
        )
    _write_code(exercise, code, piece.name or "code", demo=is_demo)


_DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom)


def _write_code(exercise: _Exercise, code: str, wanted: str, *, demo: bool = False) -> None:
    tags = ' tags=["demo"]' if demo else ""
    code = _CELL.sub(r"\1 \2", code.strip("\n"))
    exercise.cells.append(f'# %% id="{exercise.id(wanted)}"{tags}\n{code}')


def _drafts(exercise: _Exercise, pieces: Iterable[Piece]) -> Iterator[Draft]:
    names = Names(frozenset(exercise.names), frozenset(exercise.variables))
    tests = [piece for piece in pieces if piece.role is Role.TESTS]
    for code in (*exercise.plain, *(without_magics(test.source) for test in tests)):
        names.add(code)
    for number, test in enumerate(tests, 1):
        wanted = test.name.removeprefix("test_").removeprefix("test-") or str(number)
        ending = "_hidden" if test.hidden and "hidden" not in wanted else ""
        id_ = exercise.id(f"test_{wanted}{ending}", _NO_NAME)
        yield draft(test, id_, names, exercise.variables)


def _checks(name: str, who: str, drafts: list[Draft], *, is_hidden: bool) -> str:
    own = [one for one in drafts if one.is_hidden is is_hidden]
    imports = sorted({line for one in own for line in one.imports})
    parts = [f'"""Checks of {name} {who}."""\n']
    if own:
        lines = [*imports, *([""] if imports else []), "from autograder.checks import points"]
        parts.append("\n".join(lines) + "\n")
    else:
        parts.append(f"# {TODO}write checks here: the notebook has no such tests.\n")
    return "\n".join(parts) + "".join(f"\n\n{one.code}" for one in own)


def _settings(exercise: _Exercise, notes: Iterable[str]) -> str:
    left = [f"# {TODO}{_NEEDS_A_RIGHT_ANSWER}.", *(f"# {TODO}{note}." for note in notes)]
    lines = ["# What the exercise needs: data sets, thresholds, questions that a person grades."]
    return "\n".join([*lines, *left]) + "\n" + "".join(f"\n{table}" for table in exercise.manual)


def _wrong(exercise: _Exercise, drafts: list[Draft]) -> str:
    """Return an answer whose functions return nothing: it fails each check that calls one."""
    failed = [one.id for one in drafts if one.students]
    if not failed:
        return ""
    lines = [
        f"# fails: {', '.join(failed)}",
        f"# {TODO}write the mistakes that students make, each in a file of its own.",
        "# Nothing is computed.",
    ]
    bodies = [f"def {name}(*given, **named):\n    return None" for name in exercise.names]
    return "\n".join(lines) + "\n" + "\n\n\n".join(bodies) + "\n"
