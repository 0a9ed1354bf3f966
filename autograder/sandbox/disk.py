"""Counting and removing the files of a worker, whose folder may be deep, large or unreadable."""

from __future__ import annotations

import os
import shutil
import subprocess
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
