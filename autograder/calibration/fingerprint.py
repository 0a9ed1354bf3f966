"""The fingerprint of a calibration: hashes that change when its figures may no longer hold."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder import PACKAGE
from autograder.course import datasets
from autograder.course.calibration_file import Fingerprint
from autograder.course.exercise import Exercise, Root, settings_of

# The rooms in which a metric may be computed. The rooms that bring values to a check do not change
# a metric, and neither does the module that compares a metric with a limit.
_MEASURING = frozenset(("checks", "digits", "expect"))
_LIMITS = frozenset(("checks.thresholds",))
_NAMING = frozenset(("__all__", "pytest_plugins"))  # assignments that only name modules

__all__ = ["fingerprint"]


def fingerprint(exercise: Exercise, root: Root) -> Fingerprint:
    """Return a hash each of the metrics' code, the reference solution and the data.

    Comments, docstrings, wording, points and imports do not count, nor does the file in which a
    definition lies: rephrasing a hint, weighing a check anew, renaming or splitting a module asks
    for no new measurement.
    """
    return Fingerprint(
        metrics=_hash(sorted(_metrics(exercise))),
        reference=_hash([_essence(exercise.solution)]),
        data=_hash(_arrays(exercise, root)),
    )


def _hash(parts: Iterable[bytes]) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:16]


def _metrics(exercise: Exercise) -> Iterator[bytes]:
    """Yield every definition that a metric may come from, and the arrays that such code loads."""
    checks = [p for p in (exercise.conftest, exercise.hidden) if p.exists()]
    if exercise.visible.exists() and "thresholds" in exercise.visible.read_text("utf-8"):
        checks.append(exercise.visible)
    modules = _closure(checks)
    for path in (*checks, *modules):
        yield from _definitions(path)
    for path in sorted({p for module in modules for p in _weights(module)}):
        yield path.read_bytes()
    for declared in settings_of(exercise).thresholds:
        yield f"{declared.name} {declared.better}".encode()


def _weights(module: Path) -> Iterator[Path]:
    """Yield the arrays that lie in the room of a module."""
    yield from sorted(module.parent.rglob("*.npz"))


def _closure(paths: list[Path]) -> list[Path]:
    """Return the measuring modules of the package that these files import, directly or not."""
    modules: set[Path] = set()
    waiting = list(paths)
    while waiting:
        for module in _imported(waiting.pop()):
            if module not in modules:
                modules.add(module)
                waiting.append(module)
    return sorted(modules)


def _imported(path: Path) -> Iterator[Path]:
    """Yield the package's modules that a file names; of a room only the modules that it uses."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autograder":
            base = (node.module or "").split(".")[1:]
            for alias in node.names:
                used = {alias.name} if base else _attributes(tree, alias.asname or alias.name)
                yield from _module([*base, alias.name], used)
                yield from _module(base, used)
        elif isinstance(node, ast.Constant) and str(node.value).startswith("autograder."):
            yield from _module(str(node.value).split(".")[1:], set())  # pytest_plugins = [...]


def _attributes(tree: ast.AST, name: str) -> set[str]:
    """Return the attributes that are taken from `name`: {"bend"} where expect.bend is used."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    }


def _module(parts: list[str], used: set[str]) -> Iterator[Path]:
    if not parts or parts[0] not in _MEASURING or ".".join(parts) in _LIMITS:
        return
    package = PACKAGE.joinpath(*parts)
    if package.with_suffix(".py").is_file():
        yield package.with_suffix(".py")
    elif (package / "__init__.py").is_file():
        yield from _exporting(package / "__init__.py", used)


def _exporting(init: Path, used: set[str]) -> Iterator[Path]:
    """Yield the modules from which a package takes the names that are used."""
    for node in ast.parse(init.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and used & {alias.name for alias in node.names}:
            yield from _module((node.module or "").split(".")[1:], set())


def _essence(path: Path) -> bytes:
    """Return a file's code without comments, docstrings and wording."""
    tree = _Wordless().visit(ast.parse(path.read_text("utf-8")))
    return ast.unparse(ast.fix_missing_locations(tree)).encode()


def _definitions(path: Path) -> Iterator[bytes]:
    """Yield the essence of each statement of a module but for imports and lists of names."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body:
        if not isinstance(node, ast.Expr) and not _assigned(node) & _NAMING:
            essence = _Wordless(drops_imports=True).visit(node)
            if essence is not None:
                yield ast.unparse(ast.fix_missing_locations(essence)).encode()


def _assigned(node: ast.stmt) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


class _Wordless(ast.NodeTransformer):
    """Empties what measures nothing: docstrings, f-strings, strings with a space, points."""

    def __init__(self, *, drops_imports: bool = False) -> None:
        self._drops_imports = drops_imports

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        return None if self._drops_imports else node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if self._drops_imports else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "points":
            return ast.Call(node.func, [], [])
        return self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST | None:
        return None if node.arg == "points" else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        wording = isinstance(node.value, str) and any(c.isspace() for c in node.value)
        return ast.Constant("") if wording else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.Constant:
        del node
        return ast.Constant("")


def _arrays(exercise: Exercise, root: Root) -> Iterator[bytes]:
    settings = settings_of(exercise)
    for name in settings.data:
        split = datasets.load(root.datasets, name, datasets.DEMO_KEY)
        for array in (*split.train.values(), *split.test.values()):
            little = array.astype(array.dtype.newbyteorder("<"))
            yield f"{name} {little.dtype.str} {little.shape}".encode() + little.tobytes()
    for name in settings.ships:
        yield (exercise.authored / name).read_bytes()
