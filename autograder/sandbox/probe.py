"""The probe: attempts to break the isolation from within real workers, and what held."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from autograder.errors import Fault, WorkerFault
from autograder.limits import Limits, MiB
from autograder.sandbox import attempts, landlock, seccomp
from autograder.sandbox.allowance import Seconds
from autograder.sandbox.channel import Channel
from autograder.sandbox.process import Worker
from autograder.sandbox.spawn import Station
from autograder.wire import Value

_PROBE_LIMITS = Limits(memory=256 * MiB, threads=32, disk=8 * MiB)
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
        return all(self.held.get(name, False) for name in attempts.FLOOR)

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
            exhausted = {name: pool.submit(tried, name) for name in attempts.EXHAUST}
            attempted = {
                name: pool.submit(tried, name) for name in (*attempts.ATTEMPTS, *attempts.OBSERVE)
            }
        ends = {name: future.result() for name, future in (exhausted | attempted).items()}
    held = {name: ends[name] is not True for name in attempts.ATTEMPTS}
    held |= {name: ends[name] is False for name in attempts.DEADLY}
    held |= {name: ends[name] is fault for name, fault in attempts.EXHAUST.items()}
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
        action = attempts.ACTIONS[request["op"]]
        try:
            succeeded = action(request["facts"])
        except (OSError, RuntimeError, MemoryError):
            succeeded = False
        channel.send({"id": request["id"], "succeeded": succeeded})
