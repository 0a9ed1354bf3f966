"""The architecture page and its picture show the rooms of the code as they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "concepts" / "architecture.md"


def test_the_page_is_drawn_from_the_code() -> None:
    command = [sys.executable, "scripts/draw_architecture.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_every_module_has_a_place() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    shown = {row.split("`")[1]: row for row in rows}
    package = ROOT / "autograder"
    for path in package.rglob("*.py"):
        *folders, name = path.relative_to(package).with_suffix("").parts
        if name != "__init__":
            row = shown[".".join(folders) or name]
            assert f"`{name}`: " in row, f"{path.relative_to(ROOT)} has no place on the page"


def test_every_file_that_the_page_names_is_there() -> None:
    words = PAGE.read_text("utf-8").partition("<!-- rooms: begin -->")[0].split("`")[1::2]
    files = [word for word in words if word.endswith(".py") and "/" in word]
    assert len(files) > 15
    for word in files:
        where = ROOT if word.startswith(("scripts/", "tests/")) else ROOT / "autograder"
        assert (where / word).is_file(), word
