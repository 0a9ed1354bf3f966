"""Runs a cell's top-level `await` without a socket, which the sandbox does not give."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Any


class PipeLoop(asyncio.SelectorEventLoop):
    """An event loop that wakes itself through a pipe; asyncio's own uses a pair of sockets."""

    _read_end = -1
    _write_end = -1

    def _make_self_pipe(self) -> None:
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)
        self._internal_fds = 1
        self._add_reader(self._read_end, self._drain)  # type: ignore[attr-defined]

    def _close_self_pipe(self) -> None:
        self._remove_reader(self._read_end)  # type: ignore[attr-defined]
        os.close(self._read_end)
        os.close(self._write_end)
        self._read_end = self._write_end = -1

    def _drain(self) -> None:
        os.read(self._read_end, 4096)

    def _write_to_self(self) -> None:
        if self._write_end < 0:
            return
        try:
            os.write(self._write_end, b"\0")
        except BlockingIOError:
            return  # a full pipe wakes the loop just as well


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run one cell's coroutine to its end on a loop of its own."""
    # Windows has no sandbox to please, and cannot wait for a pipe.
    loop = asyncio.new_event_loop() if sys.platform == "win32" else PipeLoop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()
