"""The statements at the top of a script: their lines, and the names that they bind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Evaluated", "Statement", "called_name", "last_name", "statements"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The names that a statement reads as soon as it runs, and whether it calls anything then."""

    reads: frozenset[str]
    calls: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """Whole lines at the top of a script, `first` to `last`, counted from 1.

    They hold a single statement with its decorators and indented comments, or several that share a
    line. `names` are the names of the script that it binds or deletes, without those inside
    functions and classes.
    """

    first: int
    last: int
    nodes: tuple[ast.stmt, ...]
    names: frozenset[str] = field(default=frozenset())

    @property
    def node(self) -> ast.stmt:
        """The statement; the first of several on a line."""
        return self.nodes[0]

    @property
    def defines(self) -> bool:
        """Whether it is a def or a class."""
        return len(self.nodes) == 1 and isinstance(self.node, _Definition)

    @property
    def only_binds(self) -> bool:
        """Whether it is a def, a class or an assignment to plain names, and nothing else."""
        return self.defines or (len(self.nodes) == 1 and _assigns_names(self.node))

    @property
    def imports(self) -> frozenset[tuple[str, str, str]]:
        """The (module, name, bound as) of an import; empty for other statements."""
        return frozenset(alias for node in self.nodes for alias in _aliases(node))

    @property
    def changes_in_place(self) -> bool:
        """Whether it is an assignment such as `x += 1`, which does more when it runs twice."""
        return any(isinstance(node, ast.AugAssign) for node in self.nodes)

    @property
    def from_future(self) -> bool:
        """Whether it is a `from __future__ import`."""
        return isinstance(self.node, ast.ImportFrom) and self.node.module == "__future__"

    @property
    def does_nothing(self) -> bool:
        """Whether it is a bare constant, such as a docstring, or `pass`."""
        return all(
            isinstance(node, ast.Pass)
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            for node in self.nodes
        )

    @property
    def evaluated(self) -> Evaluated:
        """What runs at once when the statement does: not the bodies of functions."""
        found = _Evaluated()
        for node in self.nodes:
            found.visit(node)
        return Evaluated(frozenset(found.reads), found.calls)

    @property
    def docstring(self) -> range:
        """The lines of the docstring of a def or a class that has more than a docstring."""
        node = self.node
        if isinstance(node, _Definition) and len(node.body) > 1 and ast.get_docstring(node):
            return range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
        return range(0)

    @property
    def essence(self) -> str:
        """The code without comments, docstrings and annotations: equal essences do the same."""
        copied = ast.parse(ast.unparse(ast.Module(list(self.nodes), [])))
        return ast.unparse(ast.fix_missing_locations(_Plain().visit(copied)))

    def text(self, lines: list[str]) -> str:
        """Return its lines out of all lines of the script."""
        return "\n".join(lines[self.first - 1 : self.last])


def statements(text: str) -> tuple[Statement, ...]:
    """Return the statements at the top of a script, in order; raises SyntaxError."""
    groups: list[list[ast.stmt]] = []
    for node in ast.parse(text).body:
        if groups and _first_line(node) <= (groups[-1][-1].end_lineno or 0):
            groups[-1].append(node)
        else:
            groups.append([node])
    return tuple(_statement(group, text.split("\n")) for group in groups)


def called_name(node: ast.expr) -> str:
    """Return the last name of what a call calls: "f" of f() and of a.b.f(); '' for no call."""
    return last_name(node.func) if isinstance(node, ast.Call) else ""


def last_name(node: ast.expr | None) -> str:
    """Return the last name of an expression: "b" of a.b and of b; '' of anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _statement(group: list[ast.stmt], lines: list[str]) -> Statement:
    bound = _Bound()
    for node in group:
        bound.visit(node)
    last = max(node.end_lineno or node.lineno for node in group)
    for number, line in enumerate(lines[last:], last + 1):
        if line.strip() and not (line[0].isspace() and line.lstrip().startswith("#")):
            break
        last = number if line.strip() else last  # a comment that is indented belongs to the body
    return Statement(_first_line(group[0]), last, tuple(group), frozenset(bound.names))


def _first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, _Definition) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _assigns_names(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return all(_is_names(target) for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.value is not None
    return type(node).__name__ == "TypeAlias"  # `type X = ...`, from Python 3.12


def _is_names(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(_is_names(element) for element in target.elts)
    return isinstance(target.value if isinstance(target, ast.Starred) else target, ast.Name)


def _aliases(node: ast.stmt) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name, "", alias.asname or ""
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield "." * node.level + (node.module or ""), alias.name, alias.asname or alias.name


class _Evaluated(ast.NodeVisitor):
    """Collects what a statement reads and whether it calls anything, without bodies of functions.

    A decorator is called without a call being written.
    """

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.calls = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: _Function) -> None:
        self.calls = self.calls or bool(node.decorator_list)
        for part in (*node.decorator_list, node.args, node.returns):
            if part is not None:
                self.visit(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.calls = self.calls or bool(node.decorator_list)
        self.generic_visit(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)

    def visit_Call(self, node: ast.Call) -> None:
        self.calls = True
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.reads.add(node.id)


class _Bound(ast.NodeVisitor):
    """Collects the names that a statement binds or deletes at the top of a script."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._definition(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._definition(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._definition(node)

    def _definition(self, node: _Definition) -> None:
        self.names.add(node.name)
        for decorator in node.decorator_list:
            self.visit(decorator)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """A lambda binds nothing outside itself."""

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self.visit(node.iter)
        for condition in node.ifs:
            self.visit(condition)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.names.add(node.id)

    def visit_alias(self, node: ast.alias) -> None:
        if node.name != "*":
            self.names.add(node.asname or node.name.partition(".")[0])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._named(node, node.name)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self._named(node, node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        self._named(node, node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._named(node, node.rest)

    def _named(self, node: ast.AST, name: str | None) -> None:
        if name is not None:
            self.names.add(name)
        self.generic_visit(node)


class _Plain(ast.NodeTransformer):
    """Drops the docstrings of functions and classes, and the annotations of functions."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._body(node)  # annotations of a class are data: dataclasses read them

    def _function(self, node: _Function) -> ast.AST:
        node.returns = None
        return self._body(node)

    def _body(self, node: _Definition) -> ast.AST:
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node
