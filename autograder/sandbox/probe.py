"""The probe: attempts to break the isolation from within real workers, and what held."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import secrets
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from autograder.errors import Fault, WorkerFault
from autograder.limits import Limits, MiB
from autograder.sandbox import landlock, seccomp
from autograder.sandbox.channel import Channel
from autograder.sandbox.process import Seconds, Worker
from autograder.sandbox.spawn import Station
from autograder.wire import Value

# Attempts that must fail for grading to be fair; other attempts that succeed are reported only.
FLOOR = frozenset(
    (
        "read_secret read_neighbour write_outside tcp udp fork execute signal_parent "
        "signal_by_owner reschedule ptrace memory threads"
    ).split()
)
_PROBE_LIMITS = Limits(memory=256 * MiB, threads=32, disk=8 * MiB)
_PTRACE_ATTACH = 16
_SECONDS = Seconds(20.0)
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Isolation:
    """Which attempts held and which layers are there; written into every results.json."""

    held: Mapping[str, bool]
    landlock: int
    seccomp: bool
    namespaces: bool

    @property
    def sufficient(self) -> bool:
        """Tell whether everything that fairness needs has held."""
        return all(self.held.get(name, False) for name in FLOOR)

    @property
    def open(self) -> tuple[str, ...]:
        """Return the attempts that succeeded although they should not."""
        return tuple(sorted(name for name, held in self.held.items() if not held))

    @property
    def summary(self) -> str:
        """Return a line with the layers in force and the attempts that succeeded."""
        layers = [
            f"Landlock {self.landlock}" if self.landlock else "no Landlock",
            "seccomp" if self.seccomp else "no seccomp",
            "namespaces" if self.namespaces else "no namespaces",
        ]
        return ", ".join(layers) + (f"; OPEN: {', '.join(self.open)}" if self.open else "")

    def to_json(self) -> dict[str, Any]:
        """Return the plain form for results.json."""
        return {
            "sufficient": self.sufficient,
            "landlock_abi": self.landlock,
            "seccomp": self.seccomp,
            "namespaces": self.namespaces,
            "attempts": {n: "held" if h else "OPEN" for n, h in sorted(self.held.items())},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave the plain form of."""
        held = {name: end == "held" for name, end in document["attempts"].items()}
        landlock, seccomp = document["landlock_abi"], document["seccomp"]
        return cls(held, landlock, seccomp, document["namespaces"])


def probe(station: Station, secrets_at: Path, skip: Sequence[str] = ()) -> Isolation:
    """Try every way out from a worker of this station.

    `secrets_at` is a folder that students must not read, the authored exercises: a worker tries to
    read a Python file there. `skip` leaves sandbox layers out, for tests of this probe.
    """
    secret = next((p for p in sorted(secrets_at.rglob("*.py")) if p.is_file()), secrets_at)
    with tempfile.NamedTemporaryFile(dir=station.scratch_root) as neighbour:
        facts = {
            "secret": str(secret),
            "neighbour": neighbour.name,
            "outside": str(secrets_at),
            "name": secrets.token_hex(8),
        }
        # In parallel: most of the time goes into waiting until a limit is noticed.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            tried = partial(_try, station, skip, facts)
            exhausted = {name: pool.submit(tried, name) for name in EXHAUST}
            attempted = {name: pool.submit(tried, name) for name in (*ATTEMPTS, *OBSERVE)}
        ends = {name: future.result() for name, future in (exhausted | attempted).items()}
    held = {name: ends[name] is not True for name in ATTEMPTS}
    held |= {name: ends[name] is fault for name, fault in EXHAUST.items()}
    namespaces = ends["see_processes"] is not True
    return Isolation(held, landlock.abi(), seccomp.available(), namespaces)


def _try(station: Station, skip: Sequence[str], facts: dict[str, str], name: str) -> bool | Fault:
    """Return whether an attempt succeeded, or the fault that ended its worker."""
    with station.lease() as lease:
        scratch = Path(tempfile.mkdtemp(dir=lease.scratch_root))
        spawned = lease.spawn("probe", scratch, _PROBE_LIMITS, skip)
        worker = Worker(lease, spawned, _PROBE_LIMITS, scratch)
        try:
            return bool(worker.ask({"op": name, "facts": facts}, _SECONDS)["succeeded"])
        except WorkerFault as fault:
            return fault.fault
        finally:
            worker.close()


def serve(channel: Channel) -> None:
    """Run attempts in a confined worker; each response tells whether its attempt succeeded."""
    while True:
        request: dict[str, Value] = channel.receive()
        action = {**ATTEMPTS, **OBSERVE, **EXHAUST_ACTIONS}[request["op"]]
        try:
            succeeded = action(request["facts"])
        except (OSError, RuntimeError, MemoryError):
            succeeded = False
        channel.send({"id": request["id"], "succeeded": succeeded})


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
    "change_mode": _change_mode,
    "tcp": _socket(socket.AF_INET, socket.SOCK_STREAM),
    "udp": _socket(socket.AF_INET, socket.SOCK_DGRAM),
    "unix_socket": _socket(getattr(socket, "AF_UNIX", 1), socket.SOCK_STREAM),
    "fork": _fork,
    "execute": _execute,
    "signal_parent": _signal_parent,
    "signal_by_owner": _signal_by_owner,
    "reschedule": _reschedule,
    "ptrace": _ptrace,
    "raise_limit": _raise_limit,
}
OBSERVE: Mapping[str, Callable[[dict[str, str]], bool]] = {"see_processes": _see_processes}
EXHAUST: Mapping[str, Fault] = {
    "memory": Fault.OUT_OF_MEMORY,
    "threads": Fault.TOO_MANY_THREADS,
    "disk": Fault.TOO_MUCH_DISK,
}
EXHAUST_ACTIONS: Mapping[str, Callable[[dict[str, str]], bool]] = {
    "memory": _take_memory,
    "threads": _take_threads,
    "disk": _take_disk,
}
