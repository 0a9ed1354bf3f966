"""Counting and removing a worker's files, whose folder may be deep, large or unreadable."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import FolderTooLarge

_BLOCK = 512
_MOST_ENTRIES = 20_000
_DEEPEST = 64


def used(folder: Path) -> int:
    """Return the bytes allocated below `folder`.

    Raises FolderTooLarge for too many files, too deep folders, and folders that cannot be read.
    """
    total = entries = 0
    waiting = [(str(folder), 0)]
    while waiting:
        path, depth = waiting.pop()
        if depth > _DEEPEST:
            raise FolderTooLarge(f"folders nested more than {_DEEPEST} deep")
        try:
            with os.scandir(path) as listing:
                for entry in listing:
                    entries += 1
                    if entries > _MOST_ENTRIES:
                        raise FolderTooLarge(f"more than {_MOST_ENTRIES} files")
                    total += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, depth + 1))
        except FileNotFoundError:
            continue  # removed meanwhile
        except OSError as error:
            raise FolderTooLarge(f"a folder that cannot be read: {error.strerror}") from None
    return total


def held(pid: int, *, mapped: bool) -> int:
    """Return the bytes of the files without a name that a process holds open, or has `mapped`.

    Such files count for nothing in their folder, and fill the disk all the same. Pipes and devices
    have no bytes on disk. Looking at what is mapped takes some hundred times as long. Returns 0 for
    a process that has ended.
    """
    process = Path(f"/proc/{pid}")
    found = [*_linked(process / "fd"), *(_linked(process / "map_files") if mapped else ())]
    sizes = {
        (file.st_dev, file.st_ino): file.st_blocks * _BLOCK
        for file in found
        if file.st_nlink == 0 and stat.S_ISREG(file.st_mode)
    }
    return sum(sizes.values())


def _linked(folder: Path) -> Iterator[os.stat_result]:
    """Yield what /proc's links of a process lead to; nothing where these may not be followed."""
    try:
        names = os.listdir(folder)
    except OSError:  # the process has ended
        return
    for name in names:
        with contextlib.suppress(OSError):  # closed meanwhile, or only root may look
            yield os.stat(folder / name)


def remove(folder: Path) -> None:
    """Remove a folder and all below it, however deep."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except (OSError, RecursionError):  # Python's removal recurses, that of the system does not
        subprocess.run(
            ["chmod", "-R", "u+rwx", "--", str(folder)], check=False, capture_output=True
        )
        subprocess.run(["rm", "-rf", "--", str(folder)], check=False, capture_output=True)
