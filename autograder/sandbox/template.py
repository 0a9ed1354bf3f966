"""The warm template: imports TensorFlow once, then forks a confined worker for each request.

`autograder.worker.main` runs it as a process of its own. A client connects and sends JSON `{"role",
"scratch", "limits", "skip"}`; the response is `{"pid": n}` with three descriptors: the worker's
socket, its output pipe, its pidfd. Later comes `{"exited": n, "status": wait status, "peak": bytes
of memory}`. When a client hangs up, the template ends the client's workers. The template itself
never runs a TensorFlow operation: that would start threads, and a process with threads must not
fork.
"""

from __future__ import annotations

import array
import fcntl
import gc
import json
import os
import select
import selectors
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from autograder.limits import Limits
from autograder.sandbox import confine, mounts
from autograder.sandbox.channel import Channel

Role = Callable[[Channel], None]
MAX_REQUEST = 1 << 16


@dataclass(slots=True)
class Template:
    """A single-threaded loop: accept, fork, reap."""

    listener: socket.socket
    roles: Mapping[str, Role]
    owners: dict[int, socket.socket] = field(default_factory=dict)
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def serve(self) -> NoReturn:
        """Run until the lifeline is cut, which ends the process."""
        wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(wake_read, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    client, _ = self.listener.accept()
                    self.selector.register(client, selectors.EVENT_READ)
                elif key.fileobj == wake_read:
                    os.read(wake_read, 4096)
                    self._reap()
                elif isinstance(key.fileobj, socket.socket):
                    self._respond(key.fileobj)

    def _respond(self, client: socket.socket) -> None:
        try:
            request = client.recv(MAX_REQUEST)
        except OSError:
            request = b""
        if not request:
            self._forget(client)
            return
        self._spawn(client, json.loads(request))

    def _forget(self, client: socket.socket) -> None:
        self.selector.unregister(client)
        for pid, owner in list(self.owners.items()):
            if owner is client:
                os.kill(pid, signal.SIGKILL)
        client.close()

    def _reap(self) -> None:
        while self.owners:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return
            owner = self.owners.pop(pid, None)
            if owner is not None and owner.fileno() >= 0:
                _tell(owner, {"exited": pid, "status": status, "peak": usage.ru_maxrss << 10})

    def _spawn(self, client: socket.socket, request: dict[str, object]) -> None:
        ours, theirs = socket.socketpair()
        read_end, write_end = os.pipe2(os.O_CLOEXEC)
        pid = os.fork()
        if pid == 0:
            _become_worker(theirs, write_end, request, self.roles)
        theirs.close()
        os.close(write_end)
        pidfd = os.pidfd_open(pid)
        self.owners[pid] = client
        _tell(client, {"pid": pid}, (ours.fileno(), read_end, pidfd))
        ours.close()
        os.close(read_end)
        os.close(pidfd)


def _tell(client: socket.socket, message: dict[str, int], fds: tuple[int, ...] = ()) -> None:
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    try:
        client.sendmsg([json.dumps(message).encode()], rights, socket.MSG_DONTWAIT)
    except OSError:  # the client hung up: the selector reports that next, and its workers end then
        return


def _become_worker(
    link: socket.socket, output: int, request: dict[str, object], roles: Mapping[str, Role]
) -> None:
    """Confine this fork, serve until the other end hangs up, and never return."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        limits = Limits.from_value(request["limits"])  # type: ignore[arg-type]  # our own client
        scratch = Path(str(request["scratch"])) if request["scratch"] else None
        confine.detach([link.fileno()], output)
        places = mounts.move_in(scratch, confine.code_paths()) if scratch else ()
        _settle(places)
        confine.apply_limits(limits)
        confine.drop_privileges()
        skip = request.get("skip")
        confine.seal(places, skip=skip if isinstance(skip, list) else ())
        roles[str(request["role"])](Channel(link))
        status = 0
    except (EOFError, BrokenPipeError, ConnectionResetError):
        status = 0  # the other end has hung up: the ordinary end of a worker
    except BaseException:  # no exception may reach the template's loop; the output tells why
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _settle(places: tuple[Path, ...]) -> None:
    home = str(places[0]) if places else "/"
    names = "HOME TMPDIR IPYTHONDIR MPLCONFIGDIR KERAS_HOME XDG_CACHE_HOME JUPYTER_CONFIG_DIR"
    os.environ.update(dict.fromkeys(names.split(), home))
    tempfile.tempdir = None
    os.chdir(home)


def _end_with(lifeline: int) -> None:
    """Have the kernel end this process as soon as the pipe's last writer is gone."""
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(
        lifeline, fcntl.F_SETFL, flags | os.O_ASYNC
    )  # SIGIO, whose default action ends the process
    if select.select([lifeline], [], [], 0)[0]:  # the lifeline was cut before O_ASYNC was set
        os._exit(0)


def run(listener: int, lifeline: int, warm: Callable[[], Mapping[str, Role]]) -> NoReturn:
    """Call `warm` for the table of roles, then serve the listener until the lifeline is cut.

    `listener` is the descriptor of a listening SOCK_SEQPACKET socket. When the other end of
    `lifeline`, a pipe, is closed, the kernel ends the template, whatever it is doing, and
    PR_SET_PDEATHSIG its workers.
    """
    _end_with(lifeline)
    accepting = socket.socket(fileno=listener)
    roles = warm()
    gc.collect()
    gc.freeze()  # collections in a fork then leave the shared pages alone
    Template(accepting, roles).serve()
