"""The trusted side of a template: its address, and the leases over which it spawns workers."""

from __future__ import annotations

import array
import json
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from autograder.errors import SandboxError
from autograder.limits import Limits

LOG = "template.log"  # beside the scratch folders
_START_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Station:
    """The address of a running template, and the folder for scratch folders."""

    address: str
    scratch_root: str

    def lease(self) -> Lease:
        """Connect to the template; workers that are spawned over a lease end with the lease.

        Raises SandboxError when no template answers.
        """
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
    """A worker's pid, socket, output pipe and pidfd; the holder closes the descriptors."""

    pid: int
    link: socket.socket
    output: int
    pidfd: int


@dataclass(frozen=True, slots=True)
class WorkerExit:
    """How a worker ended: its wait status, and its peak of resident memory in bytes."""

    status: int
    peak_memory: int


@dataclass(slots=True)
class Lease:
    """A connection to a template, for use by a single thread."""

    link: socket.socket
    scratch_root: Path
    ended: dict[int, WorkerExit] = field(default_factory=dict)

    def spawn(
        self, role: str, scratch: Path | None, limits: Limits, skip: Sequence[str] = ()
    ) -> Spawned:
        """Fork a worker that is confined to `scratch` (None: it may write nowhere).

        `role` names the function that the worker runs; `skip` leaves sandbox layers out, for tests
        of the probe. Raises SandboxError when the template fails.
        """
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
            log = (self.scratch_root.parent / LOG).read_text("utf-8", "replace")[-2000:]
            raise SandboxError(f"the template gave no worker: {error}\n{log}") from error
        link, output, pidfd = fds
        os.set_blocking(output, False)
        return Spawned(message["pid"], socket.socket(fileno=link), output, pidfd)

    def end_of(self, pid: int, seconds: float = 2.0) -> WorkerExit | None:
        """Return how a worker ended, None when the template does not report it in time."""
        deadline = time.monotonic() + seconds
        while pid not in self.ended:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            try:
                self._receive(remaining)
            except OSError:
                return None
        return self.ended.pop(pid)

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
            self.ended[message["exited"]] = WorkerExit(message["status"], message["peak"])
        return message, list(fds)

    def close(self) -> None:
        """Close the connection; the template then ends every worker of this lease."""
        self.link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
