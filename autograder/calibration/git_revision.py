"""A course as it is at a git revision: its files in a temporary folder, its code importable."""

from __future__ import annotations

import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder import PACKAGE
from autograder.course.repository import git
from autograder.errors import ReplayError

__all__ = ["Revision", "checked_out", "last_change"]


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision that is checked out.

    `commit` is its hash, `course` the course's folder in it. `python` is an interpreter with the
    libraries of this process; it imports the package from `package`. `scratch` is an empty folder
    that ends with the checkout.
    """

    commit: str
    course: Path
    package: Path
    python: Path
    scratch: Path


def last_change(path: Path) -> str:
    """Return the hash of the last commit that changed a file; raises ReplayError without one.

    Raises UnknownRevision outside of a repository.
    """
    commit = git(path.parent, "log", "-1", "--format=%H", "--", path.name).strip()
    if not commit:
        raise ReplayError(f"no commit holds {path}: name the revision that measured with --since")
    return commit


@contextmanager
def checked_out(course: Path, revision: str) -> Iterator[Revision]:
    """Check `revision` of the repository around a course out, for the length of the block.

    The package comes from the revision as well where the repository holds it, as that of
    keras-autograder does; else it is the package of this process. Raises UnknownRevision.
    """
    # Without --end-of-options git takes a revision that starts with a dash for an option.
    verified = git(course, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    commit = verified.strip()
    inside = git(course, "rev-parse", "--show-prefix").strip()
    with tempfile.TemporaryDirectory(prefix="autograder-replay-") as name:
        folder = Path(name).resolve()
        tree, scratch = folder / "tree", folder / "scratch"
        scratch.mkdir()
        git(course, "worktree", "add", "--detach", str(tree), commit)
        try:
            package, python = PACKAGE.resolve(), Path(sys.executable)
            if (tree / PACKAGE.name / "__init__.py").is_file():
                package, python = tree / PACKAGE.name, _interpreter(folder / "python", tree)
            yield Revision(commit, tree / inside, package, python, scratch)
        finally:
            git(course, "worktree", "remove", "--force", str(tree))


def _interpreter(folder: Path, first: Path) -> Path:
    """Make an environment in `folder` that imports from `first`, then from our libraries.

    PYTHONPATH would not do: the sandbox starts its processes without it.
    """
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    base = str(folder)
    own = Path(sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base}))
    libraries = [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    lines = [str(first), *(f"import site; site.addsitedir({path!r})" for path in libraries)]
    (own / "autograder_replay.pth").write_text("\n".join(lines) + "\n", "utf-8")
    return folder / "bin" / "python"
