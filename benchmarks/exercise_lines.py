"""Counts the lines that an exercise needs beside its statement, its solution and its own checks.

python benchmarks/exercise_lines.py [ROOT]

ROOT is a checkout; without it this one is counted. Blank lines never count. A check is an
exercise's own unless another exercise has a check that uses the same names: then it is copied.
Fixtures, declarations, copied checks and exercise.toml are the lines needed beside. Right and wrong
answers are counted apart. The last row is the example of the guide to writing an exercise.
"""

from __future__ import annotations

import argparse
import ast
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
GUIDE = Path("docs/guides/write-an-exercise.md")
CHECKS = ("visible.py", "hidden.py")
_BLOCK = re.compile(r"^<!-- file: (?P<file>\S+) -->\n```\w+\n(?P<body>.*?)^```$", re.M | re.S)

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Check:
    """A check function of an exercise: the names that it uses, and how many lines it has."""

    exercise: str
    names: Names
    lines: int


def filled(text: str) -> int:
    """Return how many lines are not blank."""
    return sum(1 for line in text.splitlines() if line.strip())


def lines_of(paths: Sequence[Path]) -> int:
    """Return how many lines of these files are not blank; a file that is not there has none."""
    return sum(filled(path.read_text("utf-8")) for path in paths if path.is_file())


def checks_of(folder: Path) -> Iterator[Check]:
    """Yield the check functions of an exercise, decorators and docstrings included."""
    for path in (folder / name for name in CHECKS if (folder / name).is_file()):
        text = path.read_text("utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                first = min([node.lineno, *(part.lineno for part in node.decorator_list)])
                lines = text.splitlines()[first - 1 : node.end_lineno]
                yield Check(folder.name, _names(node), filled("\n".join(lines)))


def _names(function: ast.FunctionDef) -> Names:
    """Return the names in a function; constants, which every exercise has of its own, not."""
    nodes = [node for part in function.body for node in ast.walk(part)]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return frozenset(name for name in names if not name.isupper())


def own_lines(folder: Path, known: Sequence[Check]) -> int:
    """Return the lines of the checks that no other exercise among the `known` has."""
    elsewhere = {check.names for check in known if check.exercise != folder.name}
    return sum(check.lines for check in checks_of(folder) if check.names not in elsewhere)


def row(folder: Path, known: Sequence[Check]) -> list[int]:
    """Return the numbers of an exercise, in the order of the table's columns."""
    parts = [lines_of([folder / name]) for name in ("conftest.py", *CHECKS, "exercise.toml")]
    own = own_lines(folder, known)
    answers = [*(folder / "right").glob("*.py"), *(folder / "wrong").glob("*.py")]
    return [*parts, own, sum(parts) - own, lines_of(answers)]


def unfold(guide: Path, into: Path) -> list[Path]:
    """Write the exercises of the guide as folders and return these."""
    for match in _BLOCK.finditer(guide.read_text("utf-8")):
        path = into / match["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(match["body"], "utf-8")
    return sorted(into.glob("solutions/*"))


def table(root: Path) -> Table:
    """Return the table of all exercises of a checkout, and of the guide's."""
    made = Table("exercise", title="lines that are not blank")
    columns = ("conftest", "visible", "hidden", "exercise.toml", "own checks", "beside", "answers")
    for column in columns:
        made.add_column(column, justify="right")
    with tempfile.TemporaryDirectory() as scratch:
        folders = sorted(path.parent for path in root.glob("solutions/*/solution.py"))
        told = unfold(root / GUIDE, Path(scratch))
        known = [check for folder in (*folders, *told) for check in checks_of(folder)]
        for folder in (*folders, *told):
            name = f"{folder.name} (guide)" if folder in told else folder.name
            made.add_row(name, *map(str, row(folder, known)))
    return made


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", type=Path, default=ROOT)
    Console(width=100).print(table(parser.parse_args().root))


if __name__ == "__main__":
    main()
