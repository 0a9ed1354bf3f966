"""Seccomp: a filter that takes system calls away which no homework needs, for good.

The filter lists the calls it denies. TensorFlow, IPython and the C library use some 150 calls that
differ by version, so that a list of allowed calls would break with an update. Landlock, namespaces
and limits guard the important ways out a second time.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
from collections.abc import Collection, Iterator
from typing import Any

# Calls that start, inspect or signal another process, or talk to another process.
_FORBIDDEN = (
    "fork vfork execve execveat ptrace process_vm_readv process_vm_writev kcmp "
    "process_madvise process_mrelease pidfd_open pidfd_getfd pidfd_send_signal "
    "rt_sigqueueinfo rt_tgsigqueueinfo tkill socket connect bind listen accept accept4 "
    "unshare setns mount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount "
    "fspick pivot_root chroot swapon swapoff quotactl quotactl_fd acct io_uring_setup "
    "io_uring_enter io_uring_register bpf perf_event_open userfaultfd fanotify_init "
    "open_by_handle_at name_to_handle_at keyctl add_key request_key init_module finit_module "
    "delete_module kexec_load kexec_file_load reboot syslog settimeofday clock_settime "
    "clock_adjtime adjtimex sethostname setdomainname iopl ioperm personality lookup_dcookie "
    "vhangup setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid "
    "capset shmget shmat shmctl msgget msgsnd msgrcv msgctl semget semop semctl semtimedop "
    "mq_open mq_unlink mq_timedsend mq_timedreceive ioprio_set memfd_create memfd_secret "
    "mknod mknodat inotify_init inotify_init1 inotify_add_watch timer_create"
).split()

# Landlock leaves these open; claiming success keeps shutil and friends working in the scratch. A
# worker is a single process and needs no real lock; on a library's file a real lock would stop a
# neighbour, or tell it something.
_IGNORED = (
    "flock chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat setxattr lsetxattr "
    "fsetxattr removexattr lremovexattr fremovexattr utime utimes utimensat futimesat"
).split()

# Record locks succeed for the same reason: F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW.
_LOCKING_FCNTL = (6, 7, 37, 38)
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_OFD_GETLK, F_DUPFD_CLOEXEC, F_GETPIPE_SZ,
# F_GET_SEALS. All others are denied: a lease holds up every process that opens the file, and a
# notification sends signals.
_ALLOWED_FCNTL = (0, 1, 2, 3, 4, 5, 36, 1030, 1032, 1034)
_SET_OWNER_IOCTL = (0x8901, 0x8902)  # FIOSETOWN, SIOCSPGRP
# Their first argument is a process; 0 is the calling process.
_OF_A_PROCESS = (
    "sched_setaffinity sched_setscheduler sched_setparam sched_setattr migrate_pages move_pages"
).split()

_CLONE_THREAD = 0x00010000
_PR_SET_PDEATHSIG = 1
INT = 0xFFFFFFFF
"""The bits of an argument that the kernel reads where it takes an int."""


def available() -> bool:
    """Tell whether filters can be loaded here (library and kernel)."""
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError):
        return False
    return bool(pyseccomp.get_api() >= 1)


def install(*, deny_truncation: bool = False) -> None:
    """Load the filter into this process, for good. Raises OSError when the kernel refuses.

    `deny_truncation` also denies cutting off a file by its path, for kernels whose Landlock cannot
    tell the worker's own files from others there.
    """
    import pyseccomp as sc

    allow_by_default = sc.SyscallFilter(sc.ALLOW)
    rules = (*_rules(sc), *(_truncation_rules(sc) if deny_truncation else ()))
    for action, name, arguments in rules:
        # A name that this libseccomp does not know belongs to another architecture or newer kernel.
        if sc.resolve_syscall(sc.system_arch(), name) >= 0:
            allow_by_default.add_rule(action, name, *arguments)
    allow_by_default.load()


def _rules(sc: Any) -> Iterator[tuple[Any, str, tuple[Any, ...]]]:
    """Yield each rule: what happens, at which call, and what must hold for its arguments.

    A register has 64 bits, of which the kernel reads the lower 32 of an int. So a rule that denies
    a value compares these bits only: 2**32 + SIGKILL is SIGKILL. A rule that denies all but a value
    may compare 64 bits, and denies the more.
    """
    deny, absent, ignore = sc.ERRNO(errno.EPERM), sc.ERRNO(errno.ENOSYS), sc.ERRNO(0)

    def equal(index: int, value: int) -> Any:
        return sc.Arg(index, sc.MASKED_EQ, INT, value)

    yield from ((deny, name, ()) for name in _FORBIDDEN)
    yield from ((ignore, name, ()) for name in _IGNORED)
    # glibc falls back from clone3 to clone, whose flags a filter can read.
    yield absent, "clone3", ()
    yield deny, "clone", (sc.Arg(0, sc.MASKED_EQ, _CLONE_THREAD, 0),)
    yield deny, "kill", (sc.Arg(0, sc.NE, os.getpid()),)
    yield deny, "tgkill", (sc.Arg(0, sc.NE, os.getpid()),)
    # A worker must not be able to end itself by SIGKILL (directly, by a timer or by a shorter limit
    # of processor time): a SIGKILL then always came from outside.
    yield deny, "kill", (equal(1, signal.SIGKILL),)
    yield deny, "tgkill", (equal(2, signal.SIGKILL),)
    yield deny, "setrlimit", (equal(0, resource.RLIMIT_CPU),)
    yield deny, "prlimit64", (equal(1, resource.RLIMIT_CPU), sc.Arg(2, sc.NE, 0))
    yield deny, "prlimit64", (sc.Arg(0, sc.NE, 0),)
    yield deny, "prctl", (equal(0, _PR_SET_PDEATHSIG),)  # a worker ends with its template
    yield from ((ignore, "fcntl", (equal(1, command),)) for command in _LOCKING_FCNTL)
    for mask, value in all_but((*_LOCKING_FCNTL, *_ALLOWED_FCNTL)):
        yield deny, "fcntl", (sc.Arg(1, sc.MASKED_EQ, mask, value),)
    # The kernel sends the owner of a descriptor a chosen signal when data arrive.
    yield from ((deny, "ioctl", (equal(1, command),)) for command in _SET_OWNER_IOCTL)
    yield from ((deny, name, (sc.Arg(0, sc.NE, 0),)) for name in _OF_A_PROCESS)
    yield deny, "setpriority", (sc.Arg(1, sc.NE, 0),)


def _truncation_rules(sc: Any) -> Iterator[tuple[Any, str, tuple[Any, ...]]]:
    """Yield the rules against cutting off a file that may only be read.

    Opening a file for reading cuts it off, too, where O_TRUNC says so. Opening it for writing is
    Landlock's to deny, and ftruncate needs such a descriptor.
    """
    deny, flags = sc.ERRNO(errno.EPERM), os.O_TRUNC | os.O_ACCMODE
    yield deny, "truncate", ()
    yield deny, "truncate64", ()
    yield deny, "open", (sc.Arg(1, sc.MASKED_EQ, flags, os.O_TRUNC | os.O_RDONLY),)
    yield deny, "openat", (sc.Arg(2, sc.MASKED_EQ, flags, os.O_TRUNC | os.O_RDONLY),)
    # Its flags lie in memory, where a filter cannot read; the C library uses openat then.
    yield sc.ERRNO(errno.ENOSYS), "openat2", ()


def all_but(allowed: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield (mask, value) pairs: every 32-bit number but the allowed fits exactly one of them.

    A number fits where number & mask == value. A rule of a filter compares an argument only once,
    so that "none of these" has to be said in the common first bits of all other numbers.
    """

    def below(value: int, bits: int) -> Iterator[tuple[int, int]]:
        """Yield the pairs of the numbers that begin like `value` and have `bits` bits more."""
        if not any(number >> bits == value >> bits for number in allowed):
            yield INT & ~((1 << bits) - 1), value
        elif bits:
            yield from below(value, bits - 1)
            yield from below(value | 1 << (bits - 1), bits - 1)

    return below(0, 32)
