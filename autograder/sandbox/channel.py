"""The worker's end of its socket: one question at a time, answered in turn."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from autograder import wire


@dataclass(frozen=True, slots=True)
class Channel:
    """Blocking frames over a stream socket."""

    link: socket.socket

    def receive(self) -> wire.Value:
        """Return the next question; raises EOFError when the other end has hung up."""
        return wire.decode(self._read)

    def send(self, value: wire.Value) -> None:
        """Send one answer."""
        for buffer in wire.encode(value):
            self.link.sendall(buffer)

    def _read(self, size: int) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            count = self.link.recv_into(view)
            if count == 0:
                raise EOFError
            view = view[count:]
        return data
