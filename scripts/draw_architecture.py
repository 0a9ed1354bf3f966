"""Draws the rooms of the package into docs/concepts/architecture.md, from the code.

python scripts/draw_architecture.py           rewrites the page's table and the picture beside it
python scripts/draw_architecture.py --check   exits with 1 where they differ from the code

A room is a folder of the package; a module at the top of the package is a room of its own.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from layered_drawing import Graph, levels, svg

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "autograder"
PAGE = ROOT / "docs" / "concepts" / "architecture.md"
PICTURE = PAGE.with_name("rooms.svg")
COMMAND = "python scripts/draw_architecture.py"
BEGIN, END = "<!-- rooms: begin -->\n", "<!-- rooms: end -->"


def modules() -> list[Path]:
    """Return every file of the package that has code or a docstring, but the package's own face."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [path for path in files if path != PACKAGE / "__init__.py" and path.read_text("utf-8")]


def room(path: Path) -> str:
    """Return a module's room: "model.allowlist", or "cli" for a module at the top."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1]) or parts[0]


def imports() -> Graph:
    """Return for each room the other rooms that its modules import."""
    found: dict[str, set[str]] = {room(path): set() for path in modules()}
    for path in modules():
        own = room(path)
        found[own] |= {target for target in _imported(path) if target != own}
    return {name: frozenset(targets) for name, targets in found.items()}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            top, *parts = name.split(".")
            if top == "autograder" and parts:
                yield from _room_of(parts)


def _room_of(parts: list[str]) -> Iterator[str]:
    """Yield the room of an imported name, none for a name of the package's own face."""
    for length in range(len(parts), 0, -1):
        path = PACKAGE.joinpath(*parts[:length])
        if path.with_suffix(".py").is_file():
            yield room(path.with_suffix(".py"))
            return
        if path.is_dir():
            yield ".".join(parts[:length])
            return


def first_sentence(path: Path) -> str:
    """Return the first sentence of a module's docstring, on one line, as a cell of a table."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    sentence = re.split(r"(?<=[.!?])\s", paragraph, maxsplit=1)[0]
    return sentence.replace("|", "\\|")


def table(graph: Graph) -> str:
    """Return the rooms from top to bottom, each with its imports and its modules, as Markdown."""
    level = levels(graph)
    lines = ["| room | imports | modules |", "| --- | --- | --- |"]
    for name in sorted(graph, key=lambda name: (-level[name], name)):
        own = [path for path in modules() if room(path) == name]
        parts = [_line(path) for path in own if path.name != "__init__.py"]
        head = [first_sentence(path) for path in own if path.name == "__init__.py"]
        targets = ", ".join(f"`{target}`" for target in sorted(graph[name])) or "nothing"
        lines.append(f"| `{name}` | {targets} | {'<br>'.join(filter(None, [*head, *parts]))} |")
    return "\n".join(lines) + "\n"


def _line(path: Path) -> str:
    return f"`{path.stem}`: {first_sentence(path)}"


def drawn() -> dict[Path, str]:
    """Return what the page and the picture should hold."""
    graph = imports()
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    body = f"![The rooms of the package]({PICTURE.name})\n\n{table(graph)}"
    return {PAGE: f"{before}{BEGIN}\n{body}\n{END}{after}", PICTURE: svg(graph)}


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    wanted = drawn()
    stale = [p for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]
    if check and stale:
        names = ", ".join(str(path.relative_to(ROOT)) for path in stale)
        print(f"not as the code is: {names}. Run: {COMMAND}", file=sys.stderr)
        return 1
    for path in stale:
        path.write_text(wanted[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
