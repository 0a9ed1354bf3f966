"""The worker's end of its socket: a request comes in, its response goes out, then the next."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from autograder import wire


@dataclass(frozen=True, slots=True)
class Channel:
    """Reads and writes frames over a stream socket, blocking."""

    link: socket.socket

    def receive(self) -> wire.Value:
        """Return the next request.

        Raises EOFError when the other end has hung up, BadFrame for bytes that are no frame.
        """
        return wire.decode(self._read)

    def send(self, value: wire.Value) -> None:
        """Send a response; raises BadFrame for a value that may not cross."""
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
