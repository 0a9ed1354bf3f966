"""The confinement of a worker, which a fork puts on itself before it reads student code.

sandbox.template calls these functions in this order: detach, apply_limits, drop_privileges, seal.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from autograder import PACKAGE
from autograder.limits import Limits
from autograder.sandbox import landlock, seccomp

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_LAST = 63

# Read-only facts about the machine that TensorFlow, NumPy and psutil ask for.
_FACTS = (
    "/proc/self /proc/cpuinfo /proc/meminfo /proc/stat /proc/sys/kernel/osrelease "
    "/proc/sys/vm/overcommit_memory /proc/filesystems /sys/devices/system/cpu "
    "/sys/devices/system/node /dev/urandom /dev/random /dev/zero /dev/full /etc/ld.so.cache "
    "/etc/localtime /etc/fonts /etc/mime.types"
).split()
_SYSTEM = ("/usr /bin /sbin /lib /lib32 /lib64").split()


def code_paths() -> tuple[Path, ...]:
    """Return the folders that a worker must read: interpreter, libraries, this package."""
    package = PACKAGE.resolve()
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path(sys.executable).parent)}
    resolved = str(Path(sys.executable).resolve().parent.parent)
    libraries = {entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))}
    paths = {Path(p) for p in (*_SYSTEM, *prefixes, resolved, *libraries)} | {package}
    return tuple(sorted(path for path in paths if path.exists()))


def fact_paths() -> tuple[Path, ...]:
    """Return the files about the machine that a worker may read."""
    return tuple(Path(path) for path in _FACTS)


def detach(keep: Iterable[int], output: int) -> None:
    """Leave the template: own session, no inherited descriptor but `keep`, output into a pipe."""
    os.setsid()
    end_with_parent()
    # When the machine runs short of memory, the kernel ends a worker before a trusted process.
    Path("/proc/self/oom_score_adj").write_text("1000")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    last = 2
    for fd in sorted(fd for fd in keep if fd > 2):
        os.closerange(last + 1, fd)
        last = fd
    os.closerange(last + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)


def apply_limits(limits: Limits) -> None:
    """Set the rlimits that hold for root as well; sandbox.process watches the other limits."""
    # TensorFlow reserves far more address space than it uses, so that RLIMIT_AS is of no use.
    # RLIMIT_DATA bounds private writable memory: a second fence behind the watchdog, with slack.
    in_use = _data_bytes()
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.disk,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_DATA: in_use + 2 * limits.memory + (4 << 30),
    }
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        # The soft limit of processor time sends SIGXCPU, a second before the hard limit kills.
        soft = bound - 1 if kind == resource.RLIMIT_CPU else bound
        resource.setrlimit(kind, (soft, bound))
    signal.signal(
        signal.SIGXFSZ, signal.SIG_IGN
    )  # a full quota is an OSError, not the end of the process


def _data_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def drop_privileges() -> None:
    """Give up every capability for good."""
    for capability in range(_CAP_LAST + 1):
        with contextlib.suppress(OSError):  # this kernel knows fewer capabilities
            _prctl(_PR_CAPBSET_DROP, capability)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(ctypes.byref(header), ctypes.byref(nothing)) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def seal(writable: Iterable[Path], *, skip: Iterable[str] = ()) -> None:
    """Take all files and system calls away but those that code needs, and the `writable` paths.

    `skip` leaves the layers "landlock" or "seccomp" out, or the rules of "landlock above 2" and of
    other versions, for tests of the probe. Raises OSError when the kernel refuses.
    """
    left_out = set(skip)
    newest = landlock.abi()
    version = min([newest, *(n for n in range(newest) if f"landlock above {n}" in left_out)])
    if "landlock" not in left_out and version:
        places = (Path(os.devnull), *writable)
        landlock.restrict((*code_paths(), *fact_paths()), places, version)
    if "seccomp" not in left_out and seccomp.available():
        seccomp.install(deny_truncation=version < landlock.DENIES_TRUNCATION)


def end_with_parent() -> None:
    """Have the kernel end this process when its parent ends."""
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent ended just before
        os._exit(0)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")
