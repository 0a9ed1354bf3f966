"""Attempts of a worker to leave its sandbox, or to take more than its share."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from autograder.errors import Fault
from autograder.limits import MiB

# Attempts that must fail for grading to be fair; other attempts that succeed are reported only.
FLOOR = frozenset(
    (
        "read_secret read_neighbour write_outside truncate tcp udp fork execute signal_parent "
        "signal_by_owner reschedule ptrace lease outlive high_bits memory threads"
    ).split()
)
_PTRACE_ATTACH = 16
_PR_SET_PDEATHSIG = 1


def _read(key: str) -> Callable[[dict[str, str]], bool]:
    return lambda facts: bool(Path(facts[key]).read_bytes() or True)


def _write_outside(facts: dict[str, str]) -> bool:
    """Try folders that other processes see; the worker's own /tmp and /dev/shm do not count."""
    name = f".autograder-probe-{facts['name']}"
    neighbours = str(Path(facts["neighbour"]).parent)
    own = {"/tmp": Path.cwd() / name, "/dev/shm": Path.cwd() / ".shm" / name}
    for folder in (facts["outside"], neighbours, "/var/tmp", "/usr", *own):
        with contextlib.suppress(OSError):
            target = Path(folder) / name
            target.write_bytes(b"")
            private = folder in own and own[folder].exists()
            target.unlink()
            if not private:
                return True
    return False


def _truncate(facts: dict[str, str]) -> bool:
    """Try to cut off a file of somebody else's: by its path, and on the way of reading it.

    By its path it would keep all of its bytes. The neighbour's is empty.
    """
    for path in (facts["neighbour"], facts["secret"]):
        with contextlib.suppress(OSError):
            os.truncate(path, os.stat(path).st_size)
            return True
    os.close(os.open(facts["neighbour"], os.O_RDONLY | os.O_TRUNC))
    return True


def _change_mode(_facts: dict[str, str]) -> bool:
    before = os.stat("/").st_mode
    os.chmod("/", before ^ 0o001)
    changed = os.stat("/").st_mode != before
    if changed:
        os.chmod("/", before)
    return changed


def _socket(family: int, kind: int) -> Callable[[dict[str, str]], bool]:
    def attempt(_facts: dict[str, str]) -> bool:
        socket.socket(family, kind).close()
        return True

    return attempt


def _fork(_facts: dict[str, str]) -> bool:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return True


def _execute(_facts: dict[str, str]) -> bool:
    os.posix_spawn("/bin/true", ["/bin/true"], {})
    return True


def _signal_parent(_facts: dict[str, str]) -> bool:
    os.kill(os.getppid() or 1, 0)
    return True


def _ptrace(_facts: dict[str, str]) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.ptrace(_PTRACE_ATTACH, os.getppid() or 1, 0, 0) == 0)


def _signal_by_owner(_facts: dict[str, str]) -> bool:
    """Try to have the kernel signal another process when data arrive on our descriptor."""
    import fcntl

    read_end, _ = os.pipe()
    fcntl.fcntl(read_end, fcntl.F_SETOWN, os.getppid() or 1)
    return True


def _reschedule(_facts: dict[str, str]) -> bool:
    os.sched_setaffinity(os.getppid() or 1, os.sched_getaffinity(0))
    return True


def _lease(_facts: dict[str, str]) -> bool:
    """Try to hold up every process that opens a file of the libraries."""
    import fcntl

    file = os.open(ctypes.__file__, os.O_RDONLY)
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    return True


def _outlive(_facts: dict[str, str]) -> bool:
    """Try to go on when the template ends, which the kernel would end this process with."""
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0)


def _high_bits(_facts: dict[str, str]) -> bool:
    """Try forbidden numbers with bits that the kernel does not read; the last ends the worker."""
    import fcntl

    import pyseccomp

    libc, high = ctypes.CDLL(None, use_errno=True), 1 << 32
    read_end, _ = os.pipe()
    tried = (
        ("fcntl", read_end, high | fcntl.F_SETOWN, os.getpid()),
        ("fcntl", os.open(ctypes.__file__, os.O_RDONLY), high | fcntl.F_SETLEASE, fcntl.F_RDLCK),
        ("kill", os.getpid(), high | signal.SIGKILL),
    )
    for name, *arguments in tried:
        number = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
        if libc.syscall(ctypes.c_long(number), *map(ctypes.c_ulong, arguments)) == 0:
            return True
    return False


def _raise_limit(_facts: dict[str, str]) -> bool:
    unlimited = resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_DATA, (unlimited, unlimited))
    return True


def _read_parent(_facts: dict[str, str]) -> bool:
    return bool(Path(f"/proc/{os.getppid() or 1}/environ").read_bytes() or True)


def _see_processes(_facts: dict[str, str]) -> bool:
    return os.getppid() != 1 and os.getppid() > 100


def _take_memory(_facts: dict[str, str]) -> bool:
    held = [bytearray(os.urandom(1 * MiB)) * 16 for _ in range(100)]
    return len(held) == 100


def _take_threads(_facts: dict[str, str]) -> bool:
    release = threading.Event()
    for _ in range(100):
        threading.Thread(target=release.wait, args=(5.0,), daemon=True).start()
    return not release.wait(5.0)


def _take_disk(_facts: dict[str, str]) -> bool:
    for number in range(64):
        Path(f"file-{number}").write_bytes(os.urandom(1 * MiB))
    return not threading.Event().wait(3.0)


ATTEMPTS: Mapping[str, Callable[[dict[str, str]], bool]] = {
    "read_secret": _read("secret"),
    "read_neighbour": _read("neighbour"),
    "read_parent": _read_parent,
    "write_outside": _write_outside,
    "truncate": _truncate,
    "change_mode": _change_mode,
    "tcp": _socket(socket.AF_INET, socket.SOCK_STREAM),
    "udp": _socket(socket.AF_INET, socket.SOCK_DGRAM),
    "unix_socket": _socket(getattr(socket, "AF_UNIX", 1), socket.SOCK_STREAM),
    "fork": _fork,
    "execute": _execute,
    "signal_parent": _signal_parent,
    "signal_by_owner": _signal_by_owner,
    "reschedule": _reschedule,
    "lease": _lease,
    "outlive": _outlive,
    "high_bits": _high_bits,
    "ptrace": _ptrace,
    "raise_limit": _raise_limit,
}
DEADLY = frozenset(("high_bits",))
"""Attempts that end their worker where they succeed: any fault means that they did."""
OBSERVE: Mapping[str, Callable[[dict[str, str]], bool]] = {"see_processes": _see_processes}
EXHAUST: Mapping[str, Fault] = {
    "memory": Fault.OUT_OF_MEMORY,
    "threads": Fault.TOO_MANY_THREADS,
    "disk": Fault.TOO_MUCH_DISK,
}
_EXHAUST_ACTIONS: Mapping[str, Callable[[dict[str, str]], bool]] = {
    "memory": _take_memory,
    "threads": _take_threads,
    "disk": _take_disk,
}
ACTIONS: Mapping[str, Callable[[dict[str, str]], bool]] = {
    **ATTEMPTS,
    **OBSERVE,
    **_EXHAUST_ACTIONS,
}
"""All attempts by name: each takes facts about the machine and returns whether it succeeded."""
