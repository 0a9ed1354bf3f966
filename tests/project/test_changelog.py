"""The fragments in changelog.d/ make up the next entry of CHANGELOG.md."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = (".added", ".changed", ".fixed", ".removed")


def test_the_changelog_can_be_drafted() -> None:
    command = [sys.executable, "-m", "towncrier", "build", "--draft"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    for path in (ROOT / "changelog.d").glob("*.md"):
        assert path.suffixes[-2] in KINDS, path.name
        assert f"- {path.read_text('utf-8').strip()}" in done.stdout, path.name
