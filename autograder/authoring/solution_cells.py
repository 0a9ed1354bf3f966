"""Turns a foreign cell with a solution into functions whose bodies lie between our two markers."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass, field
from itertools import pairwise

from autograder.notebooks.overlay import BEGIN, END
from autograder.notebooks.statements import Statement, statements

__all__ = ["SolutionCell", "commented", "solution_cell", "without_magics"]

_MAGIC = re.compile(r"^([ \t]*)([%!].*)$", re.M)
_PROMPT = re.compile(r'^[ \t]*""" ?# BEGIN PROMPT.*?""";? ?# END PROMPT[ \t]*$\n?', re.M | re.S)
_BEGIN = re.compile(r"^[ \t]*#+ ?BEGIN SOLUTION(?: NO PROMPT)?[ \t]*$")
_END = re.compile(r"^[ \t]*#+ ?END SOLUTION[ \t]*$")
_TRAILING = re.compile(r"[ \t]*# ?SOLUTION(?: NO PROMPT)?[ \t]*$")
_MARK = "# (a marker was here)"  # keeps the numbers of the lines
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class SolutionCell:
    """What became of a cell with a solution.

    `cells` are the sources of the cells that take its place. `names` are the functions and classes
    that students write. `variables` maps a variable that students compute to the function that
    returns it now, and to all variables which that function returns. `notes` say what an
    author has to finish.
    """

    cells: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    variables: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def without_magics(source: str) -> str:
    """Return code whose lines that only a notebook can run, such as `%pip`, are comments."""
    return _MAGIC.sub(r"\1# \2", source)


def commented(source: str) -> str:
    """Return each line as a comment."""
    return "\n".join(f"# {line}".rstrip() for line in source.split("\n"))


def solution_cell(source: str, number: int) -> SolutionCell:
    """Return what takes the place of a cell with a solution; `number` tells it from other cells.

    Every function that holds a marker, or that lies in a cell without markers, becomes a function
    whose whole body is the solution. Statements of a solution outside of functions become the body
    of a new function that returns the variables which they bind.
    """
    cell = SolutionCell()
    text = without_magics(_PROMPT.sub("", source))
    solved, lines = _marked(text.split("\n"))
    try:
        found = statements("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError) as error:
        cell.cells.append(commented("\n".join(line for line in lines if line != _MARK)))
        cell.notes.append(f"this code cannot be read ({error}): write its functions anew")
        return cell
    kept: list[str] = []
    loose: list[Statement] = []
    for one in found:
        span = set(range(one.first, one.last + 1))
        is_solved = not solved or bool(solved & span)
        if loose and not (is_solved and _is_loose(one)):
            _wrap(cell, kept, loose, lines, number)
            loose = []
        if is_solved and one.defines:
            kept.append(_defined(cell, one, lines, solved))
        elif is_solved and _is_loose(one):
            loose.append(one)
        else:
            kept.append(one.text(lines))
    if loose:
        _wrap(cell, kept, loose, lines, number)
    if kept:
        cell.cells.append(_joined(kept))
    cell.cells = [
        "\n".join(line for line in part.split("\n") if line.strip() != _MARK) for part in cell.cells
    ]
    return cell


def _is_loose(one: Statement) -> bool:
    return not (one.defines or one.imports or one.does_nothing)


def _marked(lines: list[str]) -> tuple[set[int], list[str]]:
    """Return the numbers of the lines of solutions, from 1, and the lines without the markers."""
    solved: set[int] = set()
    plain: list[str] = []
    is_inside = False
    for number, line in enumerate(lines, 1):
        if _BEGIN.match(line) or _END.match(line):
            is_inside = bool(_BEGIN.match(line))
            plain.append(_MARK)
            solved.add(number)
            continue
        bare = _TRAILING.sub("", line)
        if is_inside or bare != line:
            solved.add(number)
        plain.append(bare)
    return solved, plain


def _joined(parts: list[str]) -> str:
    """Return statements as one text, with blank lines around definitions."""
    text = parts[0]
    for before, part in pairwise(parts):
        wide = any(re.match(r"@|def |class |async def ", one) for one in (before, part))
        text += ("\n\n\n" if wide else "\n") + part
    return text


def _defined(cell: SolutionCell, one: Statement, lines: list[str], solved: set[int]) -> str:
    """Return a function, or a class with its methods, whose bodies lie between the markers."""
    node = one.node
    cell.names.append(getattr(node, "name", ""))
    text = one.text(lines)
    functions = _functions(ast.parse(text).body[0])
    for function in functions:
        if _shows_lines(function, one.first - 1, lines, solved):
            cell.notes.append(
                f"lines of {function.name} that students saw are part of its solution now: say in "
                "the text what they need"
            )
    if any(_is_on_one_line(function) for function in functions):
        text = ast.unparse(node)
        functions = _functions(ast.parse(text).body[0])
    body = text.split("\n")
    for function in reversed(functions):
        body = _between_markers(body, function)
    return "\n".join(body)


def _shows_lines(function: _Function, above: int, lines: list[str], solved: set[int]) -> bool:
    """Tell whether students saw code of a function's body; `above` lines stand above its text."""
    documented = ast.get_docstring(function) is not None
    body = function.body[1:] if documented else function.body
    spans = [range(n.lineno + above, (n.end_lineno or n.lineno) + above + 1) for n in body]
    inner = {number for span in spans for number in span}
    return bool(solved & inner) and any(_says(lines[number - 1]) for number in inner - solved)


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _functions(node: ast.stmt) -> list[_Function]:
    if isinstance(node, _Function):
        return [node]
    found = node.body if isinstance(node, ast.ClassDef) else []
    return [part for part in found if isinstance(part, _Function)]


def _is_on_one_line(function: _Function) -> bool:
    first = function.body[0].lineno
    return first == function.lineno or (
        len(function.body) > 1 and function.body[1].lineno == (function.body[0].end_lineno or 0)
    )


def _between_markers(lines: list[str], function: _Function) -> list[str]:
    documented = ast.get_docstring(function) is not None
    body = function.body[1:] if documented else function.body
    if not body:
        return lines
    first, last = min(_first_line(part) for part in body), function.end_lineno or len(lines)
    while lines[first - 2].strip() == "" or lines[first - 2].lstrip().startswith("#"):
        first -= 1
    indent = " " * function.body[0].col_offset
    inner = "\n".join(lines[first - 1 : last]).strip("\n").split("\n")
    return [*lines[: first - 1], indent + BEGIN, *inner, indent + END, *lines[last:]]


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _wrap(
    cell: SolutionCell, kept: list[str], loose: list[Statement], lines: list[str], number: int
) -> None:
    """Write statements of a solution as a function, and a cell that binds what it returns."""
    bound = dict.fromkeys(name for one in loose for name in _in_order(one))
    names = tuple(name for name in bound if not name.startswith("_"))
    function = f"answer_{names[0]}" if names else f"answer_{number}"
    function += f"_{number}" if function in cell.names else ""
    code = "\n".join(_indentable(one, lines) for one in loose)
    listed = ", ".join(names)
    told = f'    """Return {listed}."""\n' if names else '    """Do what the text asks for."""\n'
    body = textwrap.indent(code + (f"\nreturn {listed}" if names else ""), "    ")
    wrapped = f"def {function}():\n{told}    {BEGIN}\n{body}\n    {END}"
    if kept:
        cell.cells.append(_joined(kept))
        kept.clear()
    cell.cells += [wrapped, f"{listed} = {function}()"] if names else [wrapped]
    cell.names.append(function)
    cell.variables |= dict.fromkeys(names, (function, names))
    what = f"computes {listed}" if names else "binds no variable"
    cell.notes.append(
        f"a solution outside of a function {what}: students now write {function}, since a grader "
        "calls functions; say so in the text"
    )


def _in_order(one: Statement) -> list[str]:
    found = [part for node in one.nodes for part in ast.walk(node) if isinstance(part, ast.Name)]
    stored = [part for part in found if isinstance(part.ctx, ast.Store) and part.id in one.names]
    stored.sort(key=lambda part: (part.lineno, part.col_offset))
    return [part.id for part in stored]


def _indentable(one: Statement, lines: list[str]) -> str:
    """Return a statement that may be indented: a string of several lines would change with it."""
    strings = (part for node in one.nodes for part in ast.walk(node))
    if any(
        isinstance(part, ast.Constant | ast.JoinedStr) and part.end_lineno != part.lineno
        for part in strings
    ):
        return "\n".join(ast.unparse(node) for node in one.nodes)
    return one.text(lines)
