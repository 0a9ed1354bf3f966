"""The trusted side of a confined worker: it sends requests, watches the limits, ends the worker."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

from autograder import wire
from autograder.errors import BadFrame, Fault, FolderTooLarge, SandboxError, WorkerFault
from autograder.limits import Limits
from autograder.sandbox import disk, pidfd
from autograder.sandbox.allowance import Allowance, Usage
from autograder.sandbox.output import WorkerOutput
from autograder.sandbox.spawn import Lease, Spawned
from autograder.sandbox.vitals import processor_seconds, vitals

_TICK = 0.02
_DISK_EVERY = 0.5
_MAPPED_EVERY = 2.0


class Worker:
    """A student worker or an evaluator. Not thread-safe; close it, or close its lease."""

    def __init__(
        self, lease: Lease, spawned: Spawned, limits: Limits, scratch: Path | None
    ) -> None:
        self._lease, self._spawned = lease, spawned
        self.limits, self.scratch = limits, scratch
        self.output = WorkerOutput()
        self.alive = True
        self.peak_memory = 0
        self.took = Usage()
        self._host_pid = pidfd.host_pid(spawned.pidfd)
        self._baseline = vitals(self._host_pid).memory
        self._disk_due = 0.0
        self._mapped_due = time.monotonic() + _MAPPED_EVERY
        self._next_id = 0
        spawned.link.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(spawned.link, selectors.EVENT_READ)
        self._selector.register(spawned.pidfd, selectors.EVENT_READ)
        self._selector.register(spawned.output, selectors.EVENT_READ)

    def ask(self, request: dict[str, wire.Value], allowance: Allowance) -> dict[str, wire.Value]:
        """Send a request and return its response, a dict.

        `took` says afterwards how long it took.

        Raises WorkerFault when the worker breaks a limit, ends, or sends bytes that are no response
        to this request; the worker is ended for good then. Raises SandboxError when a worker within
        its limits was killed.
        """
        if not self.alive:
            raise WorkerFault(Fault.EXITED, "this worker has ended")
        self._next_id += 1
        try:
            return self._exchange(request, _Call(self, allowance))
        except BadFrame as error:
            self.close()
            raise WorkerFault(Fault.BAD_RESPONSE, str(error)) from None
        except BaseException:
            self.close()
            raise

    def _exchange(self, request: dict[str, wire.Value], call: _Call) -> dict[str, wire.Value]:
        pidfd.send(self._spawned.pidfd, signal.SIGCONT)
        call.send(wire.encode({**request, "id": self._next_id}))
        response = wire.decode(call.read)
        # Student code never runs unwatched: the worker is stopped between two requests.
        pidfd.send(self._spawned.pidfd, signal.SIGSTOP)
        if type(response) is not dict or response.get("id") != self._next_id:
            raise BadFrame("an answer to another question")
        self._drain()
        self._disk_due = 0.0
        self.took = call.used()
        self._watch(call.allowance, Usage())
        return response

    def close(self) -> None:
        """End the worker, close its descriptors and remove its scratch folder."""
        if not self.alive:
            return
        self.alive = False
        pidfd.kill(self._spawned.pidfd)
        self._drain()
        self._selector.close()
        self._spawned.link.close()
        os.close(self._spawned.output)
        os.close(self._spawned.pidfd)
        if self.scratch is not None:
            disk.remove(self.scratch)

    def _wait(self, call: _Call, events: int) -> bool:
        """Wait until the link is ready, and watch the limits; False when the worker has ended."""
        link = self._spawned.link
        self._selector.modify(link, events)
        while True:
            ready = {key.fileobj for key, _ in self._selector.select(_TICK)}
            if self._spawned.output in ready:
                self._drain()
            self._watch(call.allowance, call.used())
            if link in ready:
                return True
            if self._spawned.pidfd in ready:
                return False

    def _drain(self) -> None:
        try:
            while data := os.read(self._spawned.output, 1 << 16):
                self.output.add(data)
                if self.output.total > self.limits.output:
                    return
            if self.alive:  # end of file: the worker closed its output or has ended
                self._selector.unregister(self._spawned.output)
        except (BlockingIOError, KeyError, ValueError):
            return

    def _watch(self, allowance: Allowance, used: Usage) -> None:
        broken = allowance.broken(used)
        if broken:
            raise WorkerFault(Fault.TIMED_OUT, broken)
        if self.output.total > self.limits.output:
            raise WorkerFault(
                Fault.TOO_MUCH_OUTPUT, f"more than {self.limits.output >> 20} MiB of output"
            )
        now = vitals(self._host_pid)
        memory = now.memory - self._baseline
        self.peak_memory = max(self.peak_memory, memory)
        if memory > self.limits.memory:
            raise self._too_much_memory()
        if now.threads > self.limits.threads:
            raise WorkerFault(Fault.TOO_MANY_THREADS, f"more than {self.limits.threads} threads")
        if self.scratch is not None and time.monotonic() >= self._disk_due:
            self._disk_due = time.monotonic() + _DISK_EVERY
            self._watch_disk(self.scratch)

    def _watch_disk(self, scratch: Path) -> None:
        mapped = time.monotonic() >= self._mapped_due
        if mapped:
            self._mapped_due = time.monotonic() + _MAPPED_EVERY
        try:
            used = disk.used(scratch) + disk.held(self._host_pid, mapped=mapped)
        except FolderTooLarge as error:
            raise WorkerFault(Fault.TOO_MUCH_DISK, str(error)) from None
        if used > self.limits.disk:
            allowed = self.limits.disk >> 20
            raise WorkerFault(Fault.TOO_MUCH_DISK, f"more than {allowed} MiB on disk")

    def ended(self) -> WorkerFault:
        """Return how a worker that hung up came to its end.

        Raises SandboxError when the worker was ended from outside.
        """
        end = self._lease.end_of(self._spawned.pid)
        if end is None:
            if pidfd.is_gone(self._spawned.pidfd):
                raise SandboxError("a worker ended together with its template")
            return WorkerFault(Fault.EXITED, "it closed its connection")
        if not os.WIFSIGNALED(end.status):
            code = os.waitstatus_to_exitcode(end.status)
            return WorkerFault(Fault.EXITED, f"it exited with code {code}")
        number = os.WTERMSIG(end.status)
        if number == signal.SIGXCPU:
            return WorkerFault(Fault.TIMED_OUT, "its processor time is used up")
        if number == signal.SIGKILL:
            if end.peak_memory - self._baseline > self.limits.memory:
                return self._too_much_memory()
            # A worker cannot send itself SIGKILL: the kernel, short of memory, or a person sent it.
            raise SandboxError("a worker within its limits was killed from outside")
        return WorkerFault(Fault.EXITED, f"it died of {signal.Signals(number).name}")

    def _too_much_memory(self) -> WorkerFault:
        allowed = self.limits.memory >> 20
        return WorkerFault(Fault.OUT_OF_MEMORY, f"more than {allowed} MiB of memory")


@dataclass(slots=True)
class _Call:
    """The exchange of a request and its response, under an allowance of time."""

    worker: Worker
    allowance: Allowance
    started: float = field(default_factory=time.monotonic)
    _computed: float = field(init=False)

    def __post_init__(self) -> None:
        self._computed = processor_seconds(self.worker._host_pid)

    def used(self) -> Usage:
        computed = processor_seconds(self.worker._host_pid) - self._computed
        return Usage(time.monotonic() - self.started, max(computed, 0.0))

    def send(self, buffers: list[bytes | memoryview]) -> None:
        link = self.worker._spawned.link
        for buffer in buffers:
            view = memoryview(buffer)
            while view:
                try:
                    view = view[link.send(view) :]
                except BlockingIOError:
                    self._ready(selectors.EVENT_WRITE)
                except OSError:
                    raise self.worker.ended() from None

    def read(self, size: int) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        link: socket.socket = self.worker._spawned.link
        while view:
            try:
                count = link.recv_into(view)
            except BlockingIOError:
                self._ready(selectors.EVENT_READ)
                continue
            except OSError:
                count = 0
            if count == 0:
                raise self.worker.ended()
            view = view[count:]
        return data

    def _ready(self, events: int) -> None:
        if not self.worker._wait(self, events):
            raise self.worker.ended()


def start(lease: Lease, role: str, limits: Limits, scratch: Path | None = None) -> Worker:
    """Fork a worker of this role over the lease; raises SandboxError when the template fails."""
    return Worker(lease, lease.spawn(role, scratch, limits), limits, scratch)
