"""Turns the asserts of a foreign notebook's tests into a check: a pytest function with points."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from autograder.authoring.carried_names import Carried, Names
from autograder.authoring.skeleton import TODO
from autograder.authoring.solution_cells import commented, without_magics
from autograder.authoring.source_notebook import Piece
from autograder.notebooks.statements import called_name, statements

__all__ = ["Draft", "draft"]

_READS = re.compile(r"\bopen\(|\bread_\w+\(|\b(?:np|numpy)\.(?:load|loadtxt|genfromtxt)\(")
_EQUAL = {"assert_equal": ast.Eq, "assert_in": ast.In, "assert_is": ast.Is}
_EQUAL |= {"assert_not_equal": ast.NotEq, "eq_": ast.Eq}
_LAZY = frozenset(("range", "map", "filter", "zip", "reversed", "enumerate", "keys", "values"))
_TRUTH = {"assert_true": True, "ok_": True, "assert_false": False}


@dataclass(slots=True)
class Draft:
    """A check: its id, its points, its code, the lines of imports that it needs.

    `students` are the functions of students that it calls. `is_hidden` tells whether it belongs
    into hidden.py.
    """

    id: str
    points: float
    is_hidden: bool
    code: str
    imports: list[str] = field(default_factory=list)
    students: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Body:
    """The statements of a check that is being written, and the TODO lines for its author."""

    piece: Piece
    nodes: list[ast.stmt] = field(default_factory=list)
    todo: list[str] = field(default_factory=list)
    hints: int = 0


def draft(
    piece: Piece, id_: str, names: Names, answers: Mapping[str, tuple[str, tuple[str, ...]]]
) -> Draft:
    """Return the check that tests become.

    `answers` maps a variable that students compute to the function that returns it, and to all
    variables which that function returns. What cannot be taken over is a comment with TODO.
    """
    body = _Body(piece)
    try:
        found = statements(without_magics(piece.source))
    except (SyntaxError, ValueError, RecursionError) as error:
        body.todo.append(f"these tests cannot be read ({error}): write them anew")
        return _written(body, id_, Carried(), answers, commented(piece.source))
    nodes = [node for one in found for node in one.nodes]
    bound = frozenset(name for one in found if not one.imports for name in one.names)
    body.nodes = [node for node in nodes if not isinstance(node, ast.Import | ast.ImportFrom)]
    _assert_last(body)
    asserting = _Asserting(body)
    body.nodes = [kept for node in body.nodes for kept in _kept(asserting, node)]
    carried = names.carried(body.nodes, bound - names.students)
    return _written(body, id_, carried, answers)


def _assert_last(body: _Body) -> None:
    """Make an assert of a last expression: Otter-Grader compares the text below the cell."""
    last = body.nodes[-1] if body.nodes else None
    if not isinstance(last, ast.Expr) or any(isinstance(n, ast.Assert) for n in body.nodes):
        return
    if isinstance(last.value, ast.Compare | ast.BoolOp):
        body.nodes[-1] = ast.Assert(last.value, None)
        return
    try:
        shown = ast.literal_eval(body.piece.shown.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return
    if shown is True:
        body.nodes[-1] = ast.Assert(last.value, None)
        return
    wanted = ast.parse(repr(shown), mode="eval").body
    body.nodes[-1] = ast.Assert(ast.Compare(last.value, [ast.Eq()], [wanted]), None)


def _kept(asserting: _Asserting, node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield a statement with messages at its asserts; what only prints is left out."""
    is_print = isinstance(node, ast.Expr) and called_name(node.value) in ("print", "display")
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if not is_print and not is_text:
        yield asserting.visit(node)


class _Asserting(ast.NodeTransformer):
    """Gives each assert a message, and makes asserts of the functions of nose and unittest."""

    def __init__(self, body: _Body) -> None:
        self.body = body

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        name = called_name(node.value)
        given = node.value.args if isinstance(node.value, ast.Call) else []
        test: ast.expr
        if name in _EQUAL and len(given) >= 2:
            test, rest = ast.Compare(given[0], [_EQUAL[name]()], [given[1]]), given[2:]
        elif name in _TRUTH and given:
            test = given[0] if _TRUTH[name] else ast.UnaryOp(ast.Not(), given[0])
            rest = given[1:]
        else:
            return node
        return self.visit_Assert(ast.Assert(test, rest[0] if rest else None))

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        if node.msg is None:
            self.body.hints += 1
            shown = " ".join(ast.unparse(node.test).split())
            hidden = "This does not hold yet in a case that is not shown."
            node.msg = ast.Constant(hidden if self.body.piece.hidden else f"Not so yet: {shown}")
        return node


class _ToStudent(ast.NodeTransformer):
    """Makes each use of what students write a call into their worker: `student.NAME`."""

    def __init__(self, students: frozenset[str]) -> None:
        self.students = students
        self.passed: dict[str, None] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id in self.students:
            node.func = _of_student(node.func.id)
            node.args = [_crossing(self.visit(part)) for part in node.args]
            node.keywords = [self.visit(part) for part in node.keywords]
            return node
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.students and isinstance(node.ctx, ast.Load):
            self.passed[node.id] = None
            return _of_student(node.id)
        return node


def _crossing(argument: ast.expr) -> ast.expr:
    """Return an argument as a value that can cross into a worker: what is lazy as a list."""
    is_lazy = isinstance(argument, ast.GeneratorExp) or called_name(argument) in _LAZY
    return ast.Call(ast.Name("list", ast.Load()), [argument], []) if is_lazy else argument


def _of_student(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name("student", ast.Load()), name, ast.Load())


def _written(
    body: _Body,
    id_: str,
    carried: Carried,
    answers: Mapping[str, tuple[str, tuple[str, ...]]],
    instead: str = "",
) -> Draft:
    """Return the draft with its text, the statements below all that they need."""
    piece, calls = body.piece, dict(carried.students)
    lines = []
    for function, variables in dict.fromkeys(answers[name] for name in carried.variables):
        lines.append(f"{', '.join(variables)} = student.{function}()")
        calls[function] = None
    own = _ToStudent(frozenset(carried.students))
    nodes = [*(n for text in carried.helpers for n in ast.parse(text).body), *body.nodes]
    lines += [ast.unparse(ast.fix_missing_locations(own.visit(node))) for node in nodes]
    lines += [instead, "raise AssertionError('not taken over yet')"] if instead else []
    _left(body, carried, own.passed, bool(calls))
    todo = "".join(f"# {TODO}{text}.\n" for text in body.todo)
    title = _title(list(calls), piece)
    code = textwrap.indent("\n".join(lines) or "pass", "    ")
    text = f'{todo}@points({piece.points or 1:g})\ndef {id_}(student):\n    """{title}"""\n{code}\n'
    return Draft(id_, piece.points or 1, piece.hidden, text, list(carried.imports), list(calls))


def _title(calls: list[str], piece: Piece) -> str:
    written = ", ".join(f"`{name}`" for name in calls) or "The notebook"
    name = re.sub(r"^test[_-]", "", piece.name)
    which = f" of {name}" if name.isprintable() and name else ""
    verb = "pass" if len(calls) > 1 else "passes"
    told = f"{written} {verb} the {'hidden ' if piece.hidden else ''}tests{which}"
    return told.replace("\\", "").replace('"', "'")


def _left(body: _Body, carried: Carried, passed: Mapping[str, None], calls: bool) -> None:
    """Add a sentence on each thing that a person has to do for this check."""
    if body.hints:
        body.todo.append(f"write a hint for each assert that had no message ({body.hints})")
    if not body.piece.points:
        body.todo.append("give this check its points; the notebook has none")
    if carried.unknown:
        body.todo.append(f"nothing binds {', '.join(carried.unknown)}")
    if carried.refused:
        body.todo.append(
            f"a check cannot use {', '.join(carried.refused)}: say in NumPy what is right, or ask "
            "the student's model"
        )
    if passed:
        body.todo.append(
            f"{', '.join(passed)} cannot be handed on: a check calls functions of students, and "
            "gets their values"
        )
    if not calls:
        body.todo.append("this check calls no function of students")
    if _READS.search("\n".join(carried.helpers)):
        body.todo.append("a file is read: make a data set of it, which the fixture data returns")
    asserts = ("assert_", "raises")
    texts = [ast.unparse(node) for node in body.nodes]
    if not any(word in text for text in texts for word in ("assert ", "raise ", *asserts)):
        body.todo.append("nothing is asserted: compare what the function returns")
