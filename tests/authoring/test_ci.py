"""`.ci/run` runs the README's command and the slow tests, then verifies what commits can change."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
README = """# A project

<!-- test command -->
```sh
echo the tests of the README
```
"""
VERIFY = "+ .venv/bin/autograder verify --minutes 3"


def git(folder: Path, *arguments: str) -> str:
    options = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    done = subprocess.run(
        ["git", "-C", str(folder), *options, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
    )
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "a change")
    return git(folder, "rev-parse", "HEAD")


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """A repository of twelve commits with this project's .ci/run and another README."""
    folder = tmp_path / "upstream"
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(REPOSITORY / ".ci" / "run", folder / ".ci" / "run")
    executable(folder / "scripts" / "test", 'echo "the tests: $*"')
    (folder / "README.md").write_text(README, "utf-8")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    for _ in range(12):
        commit(folder)
    return folder


def clone(upstream: Path, *options: str) -> Path:
    folder = upstream.parent / "clone"
    git(upstream.parent, "clone", "--quiet", *options, upstream.as_uri(), str(folder))
    return folder


def run(folder: Path, tools: Path, *, code: int = 0) -> list[str]:
    """Return the lines that .ci/run prints, with tools in the place of browser and autograder."""
    executable(tools / "chromium", "exit 1")  # it is there: none is to be installed
    executable(folder / ".venv" / "bin" / "autograder", "exit 0")
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(folder / ".ci" / "run")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_on_main_the_last_ten_commits_count(upstream: Path, tmp_path: Path) -> None:
    folder = clone(upstream)
    shown = run(folder, tmp_path / "tools")
    assert shown[1:-1] == ["the tests of the README", "+ scripts/test slow", "the tests: slow"]
    assert shown[-1] == f"{VERIFY} --changed-since {git(folder, 'rev-parse', 'HEAD~10')}"


def test_on_a_branch_its_own_commits_count(upstream: Path, tmp_path: Path) -> None:
    folder = clone(upstream)
    parted = git(folder, "rev-parse", "HEAD")
    git(folder, "switch", "--quiet", "--create", "branch")
    commit(folder)
    assert run(folder, tmp_path / "tools")[-1] == f"{VERIFY} --changed-since {parted}"


@pytest.mark.parametrize("depth", [1, 5])
def test_in_a_shallow_clone_of_main_everything_counts(
    upstream: Path, tmp_path: Path, depth: int
) -> None:
    folder = clone(upstream, "--depth", str(depth))
    assert run(folder, tmp_path / "tools")[-1] == VERIFY


def test_in_a_shallow_clone_of_a_branch_everything_counts(upstream: Path, tmp_path: Path) -> None:
    git(upstream, "switch", "--quiet", "--create", "branch", "HEAD~3")
    for _ in range(3):
        commit(upstream)
    folder = clone(upstream, "--depth", "2", "--branch", "branch", "--no-single-branch")
    assert run(folder, tmp_path / "tools")[-1] == VERIFY


def test_outside_of_git_everything_counts(upstream: Path, tmp_path: Path) -> None:
    shutil.rmtree(upstream / ".git")
    assert run(upstream, tmp_path / "tools")[-1] == VERIFY


def test_tests_that_fail_end_the_run(upstream: Path, tmp_path: Path) -> None:
    readme = README.replace("echo the tests of the README", "echo before && false && echo after")
    (upstream / "README.md").write_text(readme, "utf-8")
    shown = run(upstream, tmp_path / "tools", code=1)
    assert "before" in shown
    assert "after" not in shown
    assert "the tests: slow" not in shown
    assert VERIFY not in shown


def test_a_readme_without_a_command_is_no_success(upstream: Path, tmp_path: Path) -> None:
    (upstream / "README.md").write_text("# A project\n", "utf-8")
    run(upstream, tmp_path / "tools", code=1)
