"""A notebook kernel inside a confined worker: cells as Jupyter runs them, without its messages.

`worker.shell` gets the functions out of homework whatever surrounds them. This kernel is for
notebooks that hold their own tests: magics, displays, plots and errors come out as they would in
an IPython kernel. What needs another process or the network fails, with its own error.
"""

from __future__ import annotations

import builtins
import getpass
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from IPython.core.error import StdinNotImplementedError

from autograder.sandbox.channel import Channel
from autograder.wire import Value
from autograder.worker.base_shell import AGAIN_SECONDS, BaseShell, Clock, time_limit
from autograder.worker.notebook_shell import NotebookShell
from autograder.worker.recorder import Recorder, to_json
from autograder.worker.serving import respond
from autograder.worker.values import as_bytes

_TRACEBACK_SECONDS = 5.0  # for IPython to show the interrupt, on a busy machine as well
_NO_INPUT = "{} was called, but this frontend does not support input requests."


class KernelShell(BaseShell):
    """IPython as a Jupyter kernel has it."""

    _clock: Clock | None = None

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window to draw into."""

    def ask_exit(self) -> None:
        """`exit()` in a notebook ends nothing here, as nothing does in a notebook that is run."""

    def showtraceback(self, *args: Any, **options: Any) -> None:
        """Show an exception; a cell whose time is up is not interrupted again meanwhile."""
        if self._clock is not None and self._clock.expired:
            signal.setitimer(signal.ITIMER_REAL, _TRACEBACK_SECONDS, AGAIN_SECONDS)
        super().showtraceback(*args, **options)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.recorder.error(str(etype.__name__), str(evalue), list(stb))

    def run(self, source: str, seconds: float | None) -> tuple[list[dict[str, Any]], bool]:
        """Run one cell; return its outputs and whether its time was up."""
        result, error = None, None
        try:
            with time_limit(seconds, _stop_button) as clock:
                self._clock = clock
                result = self.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
                error = result.error_before_exec or result.error_in_exec
        except KeyboardInterrupt as late:  # raised outside of the cell's own statements
            error = late if result is None else error
        outputs = self.recorder.take()
        if error is not None:
            name = type(error).__name__
            if not any(o["output_type"] == "error" and o["ename"] == name for o in outputs):
                # The notebook took `showtraceback` away: its failure is an output all the same.
                text = ["ERROR: An error occurred while showtraceback was disabled"]
                self.recorder.error(name, "", text)
                outputs += self.recorder.take()
        return outputs, clock.expired


def _stop_button(_seconds: float) -> KeyboardInterrupt:
    return KeyboardInterrupt()


def _refuse_input(name: str) -> Callable[..., str]:
    def refuse(*_prompt: object) -> str:
        raise StdinNotImplementedError(_NO_INPUT.format(name))

    return refuse


def _begin(environment: dict[str, str]) -> KernelShell:
    """Make this fork a kernel's process."""
    os.environ.update(environment)
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    signal.signal(signal.SIGINT, signal.default_int_handler)
    NotebookShell.clear_instance()
    sys.path.insert(0, "")
    builtins.input = _refuse_input("raw_input")
    getpass.getpass = _refuse_input("getpass")
    return KernelShell.instance()


def _execute(shell: KernelShell, request: dict[str, Value]) -> dict[str, Value]:
    if request["op"] != "execute":
        raise ValueError(f"no such request: {request['op']!r}")
    outputs, expired = shell.run(request["source"], request["seconds"])
    count = shell.execution_count - 1
    return {"outputs": as_bytes(to_json(outputs)), "expired": expired, "count": count}


def serve(channel: Channel) -> None:
    """Respond to `begin` once, then to `execute` for each cell."""
    request: dict[str, Value] = channel.receive()
    if request["op"] != "begin":
        raise ValueError(f"a kernel has to begin before {request['op']!r}")
    shell, recorder = _begin(request["environment"]), Recorder()
    with shell.recording(recorder, echo=False):
        shell.enable_matplotlib("inline")  # type: ignore[no-untyped-call]
        recorder.take()
        channel.send({"id": request["id"]})
        respond(channel, partial(_execute, shell))
