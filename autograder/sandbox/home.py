"""A running command's own folder in the temporary folder, and the removal of abandoned ones.

A command that is killed outright cannot remove its folder. The lock that a command holds on a file
in its folder ends with the command, whatever ended it: the next command removes the folder.
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.sandbox import disk

__all__ = ["home"]

_PREFIX = "autograder-"
_HELD = "held"


@contextmanager
def home() -> Iterator[Path]:
    """Yield a new folder for the length of the block; first remove those of ended commands."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        _remove_abandoned(folder)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
    held = _hold(folder)
    try:
        yield folder
    finally:
        disk.remove(folder)
        os.close(held)


def _hold(folder: Path) -> int:
    """Return the descriptor of a file whose lock says that the folder is in use."""
    draft = folder / f"{_HELD}.new"  # under its own name it is never without the lock
    held = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    draft.rename(folder / _HELD)
    return held


def _remove_abandoned(folder: Path) -> None:
    """Remove a folder of this user's that a command made, unless a running command holds it."""
    try:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return
        held = os.open(folder / _HELD, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:  # it is of another kind, not yet held, or has gone meanwhile
        return
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # its command is running
    else:
        disk.remove(folder)
    finally:
        os.close(held)
