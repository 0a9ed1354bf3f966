"""What git knows of a course: its commit, the files that changed since, what a command prints."""

from __future__ import annotations

import subprocess
from pathlib import Path

from autograder.errors import UnknownRevision

__all__ = ["changed_since", "git", "head"]


def head(folder: Path) -> str | None:
    """Return the hash of the commit that `folder` is checked out from; None outside of git."""
    try:
        return git(folder, "rev-parse", "--verify", "HEAD").strip()
    except UnknownRevision:
        return None


def changed_since(folder: Path, revision: str) -> frozenset[Path]:
    """Return every file of the repository around `folder` that differs from `revision`.

    Committed, uncommitted and untracked changes count; ignored files do not. Of a file that was
    renamed both paths are returned, and a file that was removed counts. Where `revision` lies on
    another branch, what changed there after the two parted does not count. Raises UnknownRevision.
    """
    # Without the check, a revision that looks like an option would be taken for one.
    commit = git(folder, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    base = git(folder, "merge-base", commit.strip(), "HEAD").strip()
    top = Path(git(folder, "rev-parse", "--show-toplevel").strip())
    tracked = git(top, "diff", "--name-only", "--no-renames", "-z", base)
    untracked = git(top, "ls-files", "--others", "--exclude-standard", "-z")
    names = f"{tracked}\0{untracked}".split("\0")
    return frozenset(top / name for name in names if name)


def git(folder: Path, *arguments: str) -> str:
    """Return what a git command prints; raises UnknownRevision where it fails."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=False
        )
    except FileNotFoundError:
        raise UnknownRevision("git is not installed") from None
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip()
        raise UnknownRevision(told or f"git {arguments[0]} found nothing")
    return done.stdout.decode("utf-8", "surrogateescape")
