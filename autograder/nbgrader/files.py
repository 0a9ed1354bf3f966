"""Copies the files beside a notebook to its worker, and files that its cells wrote back."""

from __future__ import annotations

import filecmp
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import TooManyFiles

_MOST = 5000
_HANDED_IN = "timestamp.txt"


def beside(folder: Path, limit: int) -> dict[str, bytes]:
    """Return the files in and below `folder` by relative path; at most `limit` bytes in all.

    Notebooks are left out, since the graded notebook holds the hidden tests, and links, which may
    lead anywhere. Raises TooManyFiles.
    """
    contents: dict[str, bytes] = {}
    total = 0
    for path in _regular(folder):
        total += path.stat().st_size
        if total > limit or len(contents) >= _MOST:
            raise TooManyFiles(f"{folder}: more than {_MOST} files or {limit >> 20} MiB")
        contents[path.relative_to(folder).as_posix()] = path.read_bytes()
    return contents


def keep_written(scratch: Path, folder: Path, limit: int) -> None:
    """Copy new and changed regular files from a stopped worker's scratch folder into `folder`.

    At most `limit` bytes in all. A file that cannot be read stays behind, as does one for which
    `folder` has a folder or a link, or a file in place of a folder, and nbgrader's timestamp.txt,
    which tells when the work was handed in.
    """
    total = 0
    for path in _regular(scratch):
        target = folder / path.relative_to(scratch)
        total += path.stat().st_size
        if total > limit or not os.access(path, os.R_OK) or not _has_place(folder, target):
            continue
        if target.exists() and filecmp.cmp(path, target, shallow=False):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copyfile(path, target)


def _regular(folder: Path) -> Iterator[Path]:
    """Yield regular files; notebooks, links and hidden files are left out, and all below such."""
    for here, folders, names in os.walk(folder):
        folders[:] = [
            n for n in sorted(folders) if _is_wanted(n) and not Path(here, n).is_symlink()
        ]
        for name in sorted(names):
            path = Path(here, name)
            if _is_wanted(name) and path.is_file() and not path.is_symlink():
                yield path


def _is_wanted(name: str) -> bool:
    return not name.startswith(".") and name != "__pycache__" and not name.endswith(".ipynb")


def _has_place(folder: Path, target: Path) -> bool:
    """Whether a file can be written to `target`: no link, and no folder or device, is in its way.

    What is between `folder` and `target` is folders, or is not there.
    """
    if target == folder / _HANDED_IN:
        return False
    kind = _kind(target)
    between = (p for p in target.parents if p.is_relative_to(folder) and p != folder)
    return kind in (None, stat.S_IFREG) and all(_kind(p) in (None, stat.S_IFDIR) for p in between)


def _kind(path: Path) -> int | None:
    """Return what kind of file is at a path, links not followed; None where there is none."""
    try:
        return stat.S_IFMT(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
