"""What both IPython shells of the workers share: their setup, their displays and their time limit.

IPython would write its history and its profile to disk and complete names in a thread; a worker
has no use for either. Everything that cells show goes through one publisher and one hook, which
record it while the shell has a recorder.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from autograder.worker import loop
from autograder.worker.recorder import Recorder, RecordingHook, RecordingPublisher, Stream

__all__ = ["AGAIN_SECONDS", "BaseShell", "CellTimeout", "Clock", "Stopwatch", "time_limit"]

AGAIN_SECONDS = 1.0  # between one interrupt and the next, for a cell that catches them


class CellTimeout(KeyboardInterrupt):
    """Raised in a cell whose time is up: what a press on Jupyter's stop button looks like."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"stopped after {seconds:.3g} seconds")


class BaseShell(InteractiveShell):
    """IPython without history, profile and completer; it records what cells show when asked to.

    `recorder` is the Recorder that displays and results go into, None while they are printed.
    """

    recorder = AnyTrait(None, allow_none=True)
    display_pub_class = Type(RecordingPublisher)
    displayhook_class = Type(RecordingHook)

    def __init__(self, **options: Any) -> None:
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

    @contextlib.contextmanager
    def recording(self, recorder: Recorder, *, echo: bool) -> Iterator[None]:
        """Have everything that cells show go into `recorder` while this lasts.

        With `echo` printed text also goes to the streams of the process.
        """
        formatter: Any = self.display_formatter
        streams, active_types = (sys.stdout, sys.stderr), formatter.active_types
        self.recorder, formatter.active_types = recorder, formatter.format_types
        sys.stdout = Stream(recorder, "stdout", 1, streams[0] if echo else None)
        sys.stderr = Stream(recorder, "stderr", 2, streams[1] if echo else None)
        try:
            yield
        finally:
            sys.stdout, sys.stderr = streams
            self.recorder, formatter.active_types = None, active_types


class Clock:
    """Whether a time limit was reached."""

    expired = False


class Stopwatch:
    """Counts processor seconds, and the clock's as a `waiting`-th of them where these are more."""

    def __init__(self, waiting: float) -> None:
        self._waiting = waiting
        self._clock, self._processor = time.monotonic(), time.process_time()

    def seconds(self) -> float:
        """Return the seconds since this was made."""
        computed = time.process_time() - self._processor
        return max(computed, (time.monotonic() - self._clock) / self._waiting)


@contextlib.contextmanager
def time_limit(
    seconds: float | None,
    interrupt: Callable[[float], KeyboardInterrupt] = CellTimeout,
    *,
    waiting: float = 1.0,
) -> Iterator[Clock]:
    """Raise `interrupt(seconds)` in the main thread after `seconds`, and again each second.

    The seconds are the clock's. With `waiting` they are of processor time, and `waiting` times as
    many pass by the clock at most.

    There is no limit for None, in another thread, and on Windows, which has no timer signals: a
    slow cell is then simply slow. The exception may also come just after the block's last
    statement.
    """
    clock = Clock()
    can = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if seconds is None or not can:
        yield clock
        return

    watch = Stopwatch(waiting)

    def expire(_number: int, _frame: FrameType | None) -> None:
        if waiting > 1.0 and watch.seconds() < seconds:
            return  # the timer comes again
        clock.expired = True
        raise interrupt(seconds)

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
    try:
        yield clock
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
