"""The known answers of the course, as they are graded: every name in them is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import known_answer
from autograder.course.exercise import Root

ROOT = Root(Path(__file__).parents[2])


@pytest.mark.parametrize("name", ROOT.names())
def test_no_answer_reads_a_name_that_is_nowhere_defined(name: str, tmp_path: Path) -> None:
    exercise = ROOT.exercise(name)
    for path in (*exercise.right, *exercise.wrong):
        written = tmp_path / f"{path.parent.name}_{path.name}"
        written.write_bytes(known_answer.content(exercise, path))
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821"]
    done = subprocess.run([*ruff, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "All checks passed" in done.stdout
