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
    "mknod mknodat"
).split()

# Landlock leaves these open; claiming success keeps shutil and friends working in the scratch.
_IGNORED = (
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat setxattr lsetxattr "
    "fsetxattr removexattr lremovexattr fremovexattr utime utimes utimensat futimesat"
).split()

_SET_OWNER_FCNTL = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX
_SET_OWNER_IOCTL = (0x8901, 0x8902)  # FIOSETOWN, SIOCSPGRP
# Their first argument is a process; 0 is the calling process.
_OF_A_PROCESS = (
    "sched_setaffinity sched_setscheduler sched_setparam sched_setattr migrate_pages move_pages"
).split()

_CLONE_THREAD = 0x00010000


def available() -> bool:
    """Tell whether filters can be loaded here (library and kernel)."""
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError):
        return False
    return bool(pyseccomp.get_api() >= 1)


def install() -> None:
    """Load the filter into this process, for good. Raises OSError when the kernel refuses."""
    import pyseccomp as sc

    deny, absent, ignore = sc.ERRNO(errno.EPERM), sc.ERRNO(errno.ENOSYS), sc.ERRNO(0)
    rules: list[tuple[int, str, tuple[sc.Arg, ...]]] = [
        *((deny, name, ()) for name in _FORBIDDEN),
        *((ignore, name, ()) for name in _IGNORED),
        # glibc falls back from clone3 to clone, whose flags a filter can read.
        (absent, "clone3", ()),
        (deny, "clone", (sc.Arg(0, sc.MASKED_EQ, _CLONE_THREAD, 0),)),
        (deny, "kill", (sc.Arg(0, sc.NE, os.getpid()),)),
        (deny, "tgkill", (sc.Arg(0, sc.NE, os.getpid()),)),
        # A worker must not be able to end itself by SIGKILL (directly, by a timer or by a shorter
        # limit of processor time): a SIGKILL then always came from outside.
        (deny, "kill", (sc.Arg(1, sc.EQ, signal.SIGKILL),)),
        (deny, "tgkill", (sc.Arg(2, sc.EQ, signal.SIGKILL),)),
        (deny, "timer_create", ()),
        (deny, "setrlimit", (sc.Arg(0, sc.EQ, resource.RLIMIT_CPU),)),
        (deny, "prlimit64", (sc.Arg(1, sc.EQ, resource.RLIMIT_CPU), sc.Arg(2, sc.NE, 0))),
        (deny, "prlimit64", (sc.Arg(0, sc.NE, 0),)),
        # The kernel sends the owner of a descriptor a chosen signal when data arrive.
        *((deny, "fcntl", (sc.Arg(1, sc.EQ, command),)) for command in _SET_OWNER_FCNTL),
        *((deny, "ioctl", (sc.Arg(1, sc.EQ, command),)) for command in _SET_OWNER_IOCTL),
        *((deny, name, (sc.Arg(0, sc.NE, 0),)) for name in _OF_A_PROCESS),
        (deny, "setpriority", (sc.Arg(1, sc.NE, 0),)),
    ]
    allow_by_default = sc.SyscallFilter(sc.ALLOW)
    for action, name, arguments in rules:
        # A name that this libseccomp does not know belongs to another architecture or newer kernel.
        if sc.resolve_syscall(sc.system_arch(), name) >= 0:
            allow_by_default.add_rule(action, name, *arguments)
    allow_by_default.load()
