"""The trusted end: where a running template is reached, and the workers it hands out."""

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


@dataclass(frozen=True, slots=True)
class WorkerExit:
    """How a worker ended: its wait status, and the most bytes of memory it ever had."""

    status: int
    peak_memory: int


@dataclass(slots=True)
class Lease:
    """One connection to a template, used by one thread."""

    link: socket.socket
    scratch_root: Path
    ended: dict[int, WorkerExit] = field(default_factory=dict)

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
            log = (self.scratch_root.parent / LOG).read_text("utf-8", "replace")[-2000:]
            raise SandboxError(f"the template gave no worker: {error}\n{log}") from error
        link, output, pidfd = fds
        os.set_blocking(output, False)
        return Spawned(message["pid"], socket.socket(fileno=link), output, pidfd)

    def end_of(self, pid: int, seconds: float = 2.0) -> WorkerExit | None:
        """Return how a worker ended, None when the template does not tell."""
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
        """Hang up; the template then ends every worker of this lease."""
        self.link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
