"""Signals to another process by its pidfd, which never names a later process of the same pid."""

from __future__ import annotations

import contextlib
import select
import signal
from pathlib import Path

_KILL_SECONDS = 5.0


def host_pid(pidfd: int) -> int:
    """Return the pid of the process in the caller's /proc, -1 for a process that has ended."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1


def send(pidfd: int, number: signal.Signals) -> None:
    """Send a signal; nothing happens where the process has ended."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, number)


def is_gone(pidfd: int, seconds: float = 0.0) -> bool:
    """Tell whether the process has ended, or does within these seconds."""
    poll = select.poll()  # unlike select, it takes descriptors above 1023
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(1000 * seconds))


def kill(pidfd: int) -> None:
    """End the process and wait until it is gone."""
    send(pidfd, signal.SIGKILL)
    is_gone(pidfd, _KILL_SECONDS)
