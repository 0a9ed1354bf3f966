"""Thresholds that checks measure and exercise.toml does not declare, and the other way round."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.checks.training import TRAINING_ERROR
from autograder.course.exercise import Exercise, settings_of
from autograder.notebooks.statements import called_name

__all__ = ["strangers", "unmeasured"]

_FIXTURE = "thresholds"
_METHODS = frozenset(("measure", "baseline"))
_KIT = "autograder.checks."
_TRAINING = "measure_training"  # the function of the package that measures TRAINING_ERROR


@dataclass(frozen=True, slots=True)
class _Named:
    """A threshold's name as code writes it, and where.

    `measures` tells `measure` from other uses. It `is_certain` that the fixture is used where a
    check or a fixture asks for it: any other function may be given something else.
    """

    name: str
    path: Path
    line: int
    measures: bool
    is_certain: bool


@dataclass(frozen=True, slots=True)
class _Read:
    """What the files of checks say of thresholds.

    `is_whole` tells whether they show every name that is measured: none is computed, and the
    fixture `thresholds` is given to no other code.
    """

    named: tuple[_Named, ...]
    is_whole: bool


def strangers(
    exercise: Exercise, trees: Mapping[Path, ast.Module], needed: Collection[str] = ()
) -> Iterator[str]:
    """Yield a sentence for each threshold that checks name and exercise.toml does not declare.

    `trees` are the parsed files of the checks, `needed` the thresholds of the kit's checks.
    """
    declared = [one.name for one in settings_of(exercise).thresholds]
    toml = exercise.authored / "exercise.toml"
    for named in _read(trees).named:
        if named.is_certain and named.name not in declared:
            yield (
                f"{named.path}:{named.line}: there is no threshold {named.name!r}; {toml} "
                f"declares: {_listed(declared)}. {_way_out(named.name, declared)}"
            )
    for name in sorted(set(needed).difference(declared)):
        yield (
            f"{toml}: the usual checks measure the threshold {name!r}, which is not declared; "
            f"declared: {_listed(declared)}. {_way_out(name, declared)}"
        )


def unmeasured(
    exercise: Exercise, trees: Mapping[Path, ast.Module], needed: Collection[str]
) -> Iterator[str]:
    """Yield a sentence for each threshold that exercise.toml declares and no check can measure.

    Where the files do not show every name that is measured, nothing is yielded: the first run of a
    calibration shows it.
    """
    read = _read(trees)
    if not read.is_whole:
        return
    measured = {one.name for one in read.named if one.measures} | set(needed)
    for declared in settings_of(exercise).thresholds:
        if declared.name not in measured:
            yield (
                f"{exercise.authored / 'exercise.toml'}: no check measures the threshold "
                f"{declared.name!r}; measured: {_listed(sorted(measured))}. Call "
                f'thresholds.measure("{declared.name}", value) in a check, or take the table away.'
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _way_out(name: str, declared: list[str]) -> str:
    near = difflib.get_close_matches(name, declared, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"{hint}Write a table [thresholds.{name}] there, or correct the name in the check."


def _read(trees: Mapping[Path, ast.Module]) -> _Read:
    named: list[_Named] = []
    is_whole = True
    for path, tree in trees.items():
        found = _Uses(path)
        found.visit(tree)
        named += [
            replace(one, is_certain=one.is_certain and not found.binds) for one in found.named
        ]
        is_whole = is_whole and found.is_whole
    return _Read(tuple(named), is_whole)


class _Uses(ast.NodeVisitor):
    """Finds the uses of the fixture `thresholds` in a file.

    `binds` tells whether the file has a variable of that name, which is no fixture then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.named: list[_Named] = []
        self.is_whole = True
        self.binds = False
        self._asks = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        before = self._asks
        is_given = node.name.startswith("test_") or bool(node.decorator_list)
        asks = any(argument.arg == _FIXTURE for argument in node.args.args)
        self._asks = before or (is_given and asks)
        self.generic_visit(node)
        self._asks = before

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in _METHODS:
            self._method(node, function)
            return
        if called_name(node) == _TRAINING:
            self._note(TRAINING_ERROR, node, measures=True)
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            for part in given:
                if not _is_fixture(part):
                    self.visit(part)
            return
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if _is_fixture(node.value):
            self._note(node.slice, node, measures=False)
        else:
            self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id == _FIXTURE:  # given to other code, or under another name
            self.is_whole = False
            self.binds = self.binds or not isinstance(node.ctx, ast.Load)

    def visit_alias(self, node: ast.alias) -> None:
        self.binds = self.binds or (node.asname or node.name) == _FIXTURE

    def visit_Constant(self, node: ast.Constant) -> None:
        if node.value == _FIXTURE:  # request.getfixturevalue("thresholds")
            self.is_whole = False

    def visit_Assign(self, node: ast.Assign) -> None:
        targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
        if "pytest_plugins" in targets:
            plugins = [part for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
            own = [part for part in plugins if not str(part.value).startswith(_KIT)]
            self.is_whole = self.is_whole and not own
        self.generic_visit(node)

    def _method(self, node: ast.Call, function: ast.Attribute) -> None:
        """Note the name of a call of `measure` or `baseline`, of whatever object it is a method."""
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        name = node.args[0] if node.args else keywords.get("name")
        if _is_fixture(function.value):
            self._note(name, node, measures=function.attr == "measure")
        else:
            self.is_whole = False
            self.visit(function.value)
        for part in (*node.args, *keywords.values()):
            self.visit(part)

    def _note(self, name: ast.expr | str | None, node: ast.expr, *, measures: bool) -> None:
        text = name.value if isinstance(name, ast.Constant) else name
        if isinstance(text, str):
            self.named.append(_Named(text, self.path, node.lineno, measures, self._asks))
        elif measures:
            self.is_whole = False


def _is_fixture(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == _FIXTURE
