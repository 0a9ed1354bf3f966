"""Copies the files beside a notebook to its worker, and files that its cells wrote back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import TooManyFiles

_MOST = 5000


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

    At most `limit` bytes in all.
    """
    total = 0
    for path in _regular(scratch):
        target = folder / path.relative_to(scratch)
        total += path.stat().st_size
        if total > limit or not _is_plain_way(folder, target):
            continue
        if target.exists() and target.read_bytes() == path.read_bytes():
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


def _is_plain_way(folder: Path, target: Path) -> bool:
    """Whether no part of the path from `folder` to `target` is a link."""
    parts = [target, *(p for p in target.parents if p.is_relative_to(folder) and p != folder)]
    return not any(part.is_symlink() for part in parts)
