"""The filter of system calls, loaded into processes of its own."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox import seccomp

pytestmark = pytest.mark.skipif(not seccomp.available(), reason="no libseccomp here")

HIGH = 1 << 32
CALLS = """
import ctypes, errno, fcntl, json, os, resource, signal, sys
from autograder.sandbox import seccomp

libc = ctypes.CDLL(None, use_errno=True)
SYS = {"kill": 62, "tgkill": 234, "fcntl": 72, "setrlimit": 160, "prlimit64": 302, "ioctl": 16,
    "prctl": 157}
file = os.open("file", os.O_CREAT | os.O_RDONLY)
limit = (ctypes.c_ulong * 2)(1, 1)

def call(name, *arguments):
    ctypes.set_errno(0)
    longs = [a if isinstance(a, ctypes.Array) else ctypes.c_ulong(a) for a in arguments]
    value = libc.syscall(ctypes.c_long(SYS[name]), *longs)
    return errno.errorcode.get(ctypes.get_errno(), "ok") if value < 0 else "ok"
"""


def answers(folder: Path, code: str, *, truncation: bool = False) -> dict[str, str]:
    """Run code in a process with the filter, and return what it puts into `found`.

    `truncation` tells that the filter also denies cutting off files.
    """
    install = f"seccomp.install(deny_truncation={truncation})"
    program = f"{CALLS}\nfound = {{}}\n{install}\n{textwrap.dedent(code)}\n"
    program += "print(json.dumps(found))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr or f"ended by {done.returncode}"
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("high", [0, HIGH, 0xABCD << 32], ids=hex)
def test_no_bit_that_the_kernel_ignores_opens_a_way(tmp_path: Path, high: int) -> None:
    found = answers(
        tmp_path,
        f"""
        high, me = {high}, os.getpid()
        found["kill"] = call("kill", me, high | signal.SIGKILL)
        found["kill a neighbour"] = call("kill", high | os.getppid(), 0)
        found["tgkill"] = call("tgkill", me, me, high | signal.SIGKILL)
        found["setrlimit"] = call("setrlimit", high | resource.RLIMIT_CPU, limit)
        found["outlive the template"] = call("prctl", high | 1, 0, 0, 0, 0)
        found["prlimit64"] = call("prlimit64", 0, high | resource.RLIMIT_CPU, limit, 0)
        for command in (8, 9, 10, 11, 15, 16, 1024, 1025, 1026, 1031, 1033, 1036):
            found[f"fcntl {{command}}"] = call("fcntl", file, high | command, 1)
        for command in (0x8901, 0x8902):
            found[f"ioctl {{command}}"] = call("ioctl", file, high | command, limit)
        """,
    )
    assert set(found.values()) == {"EPERM"}, found


def test_descriptors_are_handled_as_ever(tmp_path: Path) -> None:
    found = answers(
        tmp_path,
        """
        copy = fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 50)
        fcntl.fcntl(copy, fcntl.F_SETFD, 0)
        fcntl.fcntl(copy, fcntl.F_SETFL, fcntl.fcntl(copy, fcntl.F_GETFL) | os.O_NONBLOCK)
        found["copy"] = str(copy >= 50)
        found["inherited"] = str(os.get_inheritable(copy))
        found["waits"] = str(os.get_blocking(copy))
        """,
    )
    assert found == {"copy": "True", "inherited": "True", "waits": "False"}


LOCKED = """
import sqlite3, time
from pathlib import Path
held = open(sys.executable, "rb")
fcntl.flock(held, fcntl.LOCK_EX)
with open("own", "w") as own:
    fcntl.lockf(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
database = sqlite3.connect("data.db")
database.execute("create table t (n)")
with database:
    database.execute("insert into t values (7)")
found["rows"] = str(database.execute("select * from t").fetchall())
"""


def test_locks_work_and_tell_a_neighbour_nothing(tmp_path: Path) -> None:
    """A worker that locks the interpreter's file stops nobody, and nobody stops a worker."""
    assert answers(tmp_path, LOCKED)["rows"] == "[(7,)]"
    (tmp_path / "other").mkdir()
    lock = "import fcntl, sys; f = open(sys.executable, 'rb'); fcntl.flock(f, fcntl.LOCK_EX)"
    with subprocess.Popen(
        [sys.executable, "-c", f"{lock}; print('held', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as neighbour:
        assert neighbour.stdout is not None
        assert neighbour.stdout.readline() == "held\n"
        assert answers(tmp_path / "other", LOCKED)["rows"] == "[(7,)]"
        neighbour.communicate("\n")


def test_files_are_watched_by_nobody(tmp_path: Path) -> None:
    found = answers(
        tmp_path,
        """
        value = libc.inotify_init1(0)
        found["inotify"] = errno.errorcode[ctypes.get_errno()] if value < 0 else "ok"
        """,
    )
    assert found == {"inotify": "EPERM"}


@given(
    st.sets(st.integers(0, seccomp.INT), min_size=1, max_size=20),
    st.lists(st.integers(0, seccomp.INT), max_size=50),
)
def test_all_numbers_but_the_allowed_fit_a_single_pair(
    allowed: set[int], others: list[int]
) -> None:
    pairs = list(seccomp.all_but(allowed))
    near = {number ^ 1 << bit for number in allowed for bit in range(32)}
    for number in {*allowed, *others, *near}:
        fitting = [pair for pair in pairs if number & pair[0] == pair[1]]
        assert len(fitting) == (number not in allowed)


CUTS = """
def tried(function, *arguments):
    try:
        function(*arguments)
    except PermissionError as error:
        return errno.errorcode[error.errno]
    return str(os.path.getsize("file"))

def refill():
    with open("file", "wb") as full:
        full.write(b"12345")

refill()
found["by path"] = tried(os.truncate, "file", 0)
refill()
for high in (0, 1 << 32):
    flags = high | os.O_TRUNC | os.O_RDONLY
    value = libc.syscall(ctypes.c_long(257), ctypes.c_long(-100), b"file", ctypes.c_ulong(flags))
    found[f"for reading {high}"] = "ok" if value >= 0 else errno.errorcode[ctypes.get_errno()]
refill()
found["by descriptor"] = tried(lambda: os.truncate(os.open("file", os.O_RDWR), 2))
found["written anew"] = tried(lambda: open("file", "wb").close())
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the number of openat is x86's")
def test_only_what_may_be_written_can_be_cut_off(tmp_path: Path) -> None:
    allowed = {"by descriptor": "2", "written anew": "0"}
    without = answers(tmp_path, CUTS)
    assert (
        without == {"by path": "0", "for reading 0": "ok", "for reading 4294967296": "ok"} | allowed
    )
    denied = answers(tmp_path, CUTS, truncation=True)
    eperm = dict.fromkeys(("by path", "for reading 0", "for reading 4294967296"), "EPERM")
    assert denied == eperm | allowed
