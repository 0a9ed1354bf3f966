"""The /tmp and /dev/shm of a worker: its scratch folder, mounted over both where that works."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
TEMPORARY, SHARED = Path("/tmp"), Path("/dev/shm")


def move_in(scratch: Path, needed: Iterable[Path]) -> tuple[Path, ...]:
    """Mount `scratch` over /tmp, and a folder of it over /dev/shm, for this process alone.

    Homework writes checkpoints to /tmp by its full path, and Python's locks live in /dev/shm. Paths
    below /tmp that are `needed`, such as a virtual environment, stay where they are. Returns the
    writable folders: /tmp, which is the scratch folder now, and /dev/shm; `scratch` alone if the
    kernel refuses the mounts.
    """
    shared = scratch / ".shm"
    shared.mkdir(exist_ok=True)
    try:
        _own_namespace()
        _mount(None, Path("/"), _MS_REC | _MS_PRIVATE)
        _mount(shared, SHARED, _MS_BIND)
        descriptors = {path: os.open(path, os.O_PATH) for path in _outermost(needed, TEMPORARY)}
        _mount(scratch, TEMPORARY, _MS_BIND)
        for path, descriptor in descriptors.items():
            path.mkdir(parents=True, exist_ok=True)
            _mount(Path(f"/proc/self/fd/{descriptor}"), path, _MS_BIND | _MS_REC)
            os.close(descriptor)
    except OSError:
        return (scratch,)
    return TEMPORARY, SHARED


def _outermost(paths: Iterable[Path], below: Path) -> list[Path]:
    """Return the paths below a folder that lie in none of the others."""
    inside = {path for path in paths if path.is_relative_to(below)}
    return sorted(p for p in inside if not any(p != q and p.is_relative_to(q) for q in inside))


def _own_namespace() -> None:
    uid, gid = os.getuid(), os.getgid()
    with contextlib.suppress(
        OSError
    ):  # a process without the capability needs a user namespace as well
        _call("unshare", _CLONE_NEWNS)
        return
    _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _mount(source: Path | None, target: Path, flags: int) -> None:
    origin = os.fsencode(source) if source else None
    _call("mount", origin, os.fsencode(target), None, ctypes.c_ulong(flags), None)


def _call(name: str, *arguments: object) -> None:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
