"""A notebook kernel inside a confined worker: cells as Jupyter runs them, without its messages.

Unlike `shell`, which gets the answers out of homework whatever surrounds them, this one is for
notebooks that hold their own tests: magics, displays, plots and errors come out as they would in
an IPython kernel. What needs another process or the network fails, with its own error.
"""

from __future__ import annotations

import builtins
import contextlib
import getpass
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from autograder.sandbox.channel import Channel
from autograder.wire import Value
from autograder.worker import loop
from autograder.worker.notebook_shell import NotebookShell
from autograder.worker.recorder import Recorder, RecordingHook, RecordingPublisher, Stream, to_json
from autograder.worker.values import as_bytes

_AGAIN_SECONDS = 1.0
_NO_INPUT = "{} was called, but this frontend does not support input requests."


class KernelShell(InteractiveShell):
    """IPython with everything it shows recorded."""

    recorder = AnyTrait()
    display_pub_class = Type(RecordingPublisher)
    displayhook_class = Type(RecordingHook)

    def __init__(self, **options: Any) -> None:
        self.recorder = Recorder()
        config = Config()
        config.HistoryAccessor.enabled = False
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        super().__init__(**{"config": config, **options})  # type: ignore[no-untyped-call]
        self.loop_runner = loop.run

    def init_ipython_dir(self, _ipython_dir: Any) -> None:
        """Leave the folder of profiles alone: IPython would create it."""

    def init_profile_dir(self, _profile_dir: Any) -> None:
        """Give IPython a profile that is nowhere on disk."""
        self.profile_dir = ProfileDir()

    def init_completer(self) -> None:
        """Nobody types here."""

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window to draw into."""

    def ask_exit(self) -> None:
        """`exit()` in a notebook ends nothing here, as nothing does in a notebook that is run."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.recorder.error(str(etype.__name__), str(evalue), list(stb))

    def run(self, source: str, seconds: float | None) -> tuple[list[dict[str, Any]], bool]:
        """Run one cell; return its outputs and whether its time was up."""
        with _time_limit(seconds) as clock:
            result = self.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        outputs = self.recorder.take()
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            name = type(error).__name__
            if not any(o["output_type"] == "error" and o["ename"] == name for o in outputs):
                # Somebody took `showtraceback` away: a failure is told all the same.
                text = ["ERROR: An error occurred while showtraceback was disabled"]
                self.recorder.error(name, "", text)
                outputs += self.recorder.take()
        return outputs, clock.expired


class _Clock:
    """Whether a time limit was reached."""

    expired = False


@contextlib.contextmanager
def _time_limit(seconds: float | None) -> Iterator[_Clock]:
    """Raise KeyboardInterrupt after `seconds`, and each second from then on."""
    clock = _Clock()
    if seconds is None:
        yield clock
        return

    def expire(*_signal: object) -> None:
        clock.expired = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        try:
            yield clock
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:  # raised between the cell's end and the line above
        return


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
    shell = KernelShell.instance()
    sys.path.insert(0, "")
    sys.stdout = Stream(shell.recorder, "stdout", 1)
    sys.stderr = Stream(shell.recorder, "stderr", 2)
    builtins.input = _refuse_input("raw_input")
    getpass.getpass = _refuse_input("getpass")
    shell.enable_matplotlib("inline")  # type: ignore[no-untyped-call]
    shell.recorder.take()
    return shell


def serve(channel: Channel) -> None:
    """Answer `begin` once, then `execute` for each cell."""
    shell: KernelShell | None = None
    while True:
        question: dict[str, Value] = channel.receive()
        answer: dict[str, Value] = {"id": question["id"]}
        if question["op"] == "begin":
            shell = _begin(question["environment"])
        elif question["op"] == "execute" and shell is not None:
            outputs, expired = shell.run(question["source"], question["seconds"])
            answer |= {"outputs": as_bytes(to_json(outputs)), "expired": expired}
            answer |= {"count": shell.execution_count - 1}
        else:
            raise ValueError(f"no such question: {question['op']!r}")
        channel.send(answer)
