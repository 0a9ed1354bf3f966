"""How much memory this process may still use."""

from __future__ import annotations

from pathlib import Path

import psutil

_GROUP = Path("/sys/fs/cgroup")


def available() -> int:
    """Return the bytes that are free on the machine or in the control group, whichever is less."""
    machine = int(psutil.virtual_memory().available)
    group = _free_in_group()
    return machine if group is None else min(machine, group)


def _free_in_group() -> int | None:
    """Return the free bytes below a container's limit (control groups, version 2), if any."""
    limit, used = (_number(_GROUP / f"memory.{name}") for name in ("max", "current"))
    return None if limit is None or used is None else max(0, limit - used)


def _number(path: Path) -> int | None:
    try:
        text = path.read_text("ascii").strip()
    except OSError:  # the system has control groups of another version, or none
        return None
    return int(text) if text.isdigit() else None
