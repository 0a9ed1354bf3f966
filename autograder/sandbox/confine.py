"""What a fork does to itself before it touches anything a student wrote."""

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

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
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
    """Return what a worker needs to read to run at all: the interpreter, libraries, our package."""
    package = PACKAGE.resolve()
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path(sys.executable).parent)}
    resolved = str(Path(sys.executable).resolve().parent.parent)
    libraries = {entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))}
    found = {Path(p) for p in (*_SYSTEM, *prefixes, resolved, *libraries)} | {package}
    return tuple(sorted(path for path in found if path.exists()))


def fact_paths() -> tuple[Path, ...]:
    """Return the files about the machine that a worker may read."""
    return tuple(Path(path) for path in _FACTS)


def detach(keep: Iterable[int], output: int) -> None:
    """Leave the template: own session, no inherited descriptor but `keep`, output into a pipe."""
    os.setsid()
    end_with_parent()
    # When the machine itself runs short of memory, a fork goes before anything trusted does.
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
    """Set the rlimits that hold for root as well; the rest is watched from outside."""
    # The address space itself cannot be bounded (TensorFlow reserves far more than it uses); what
    # is private and writable can. It is a second fence behind the watchdog, hence the slack.
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
        # The hard limit of processor time kills; its soft one, before that, says what it is.
        soft = bound - 1 if kind == resource.RLIMIT_CPU else bound
        resource.setrlimit(kind, (soft, bound))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a full quota is an OSError, not a death


def _data_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def drop_privileges() -> None:
    """Give up every capability and the way back to one, and hide from debuggers."""
    for capability in range(_CAP_LAST + 1):
        with contextlib.suppress(OSError):  # this kernel knows fewer of them
            _prctl(_PR_CAPBSET_DROP, capability)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(ctypes.byref(header), ctypes.byref(nothing)) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def seal(writable: Iterable[Path], *, skip: Iterable[str] = ()) -> None:
    """Take files and system calls away, but for what code needs and the `writable` places.

    `skip` (for tests of the probe) leaves a layer out.
    """
    left_out = set(skip)
    if "landlock" not in left_out and landlock.abi():
        landlock.restrict((*code_paths(), *fact_paths()), (Path(os.devnull), *writable))
    if "seccomp" not in left_out and seccomp.available():
        seccomp.install()


def end_with_parent() -> None:
    """Have the kernel end this process when the one it was forked from ends."""
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended just before
        os._exit(0)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")
