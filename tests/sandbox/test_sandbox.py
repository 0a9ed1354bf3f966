"""The boundary, with real forks of the real template: what must not get out, and how it ends."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.errors import Fault, SandboxError, WorkerFault
from autograder.limits import Limits, MiB
from autograder.sandbox import disk, landlock
from autograder.sandbox.allowance import Allowance, ProcessorSeconds, Seconds
from autograder.sandbox.attempts import FLOOR
from autograder.sandbox.launch import station
from autograder.sandbox.probe import probe
from autograder.sandbox.process import Worker, start
from autograder.sandbox.spawn import Lease, Station
from autograder.sandbox.vitals import vitals

pytestmark = pytest.mark.slow
LIMITS = Limits(memory=300 * MiB, output=1 * MiB, disk=4 * MiB, threads=40)
REPO = Path(__file__).parents[2]


@pytest.fixture
def worker(lease: Lease) -> Iterator[Worker]:
    """A student worker with nothing loaded."""
    scratch = Path(tempfile.mkdtemp(dir=lease.scratch_root))
    worker = start(lease, "student", LIMITS, scratch)
    yield worker
    worker.close()


def _load(
    worker: Worker, source: str, seconds: float = 20.0, allowance: Allowance | None = None
) -> dict[str, Any]:
    question = {
        "op": "load",
        "cells": [{"source": source, "skip": False}],
        "seed": 0,
        "cell_seconds": 60.0,
        "total_seconds": 60.0,
    }
    return worker.ask(question, allowance or Seconds(seconds))


def _gone(pid: int) -> bool:
    """Tell whether a process ends and is reaped within ten seconds."""
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not Path(f"/proc/{pid}").exists()


def test_all_attempts_fail_in_a_fresh_worker(warm: Station) -> None:
    isolation = probe(warm, REPO / "solutions")
    assert isolation.sufficient, f"open here: {isolation.open}"
    assert set(isolation.held) >= FLOOR


@pytest.fixture(scope="module")
def without_bubblewrap() -> Iterator[Station]:
    """A template whose forks have nothing around them but what they do to themselves."""
    with station(use_bubblewrap=False) as place:
        yield place


@pytest.mark.parametrize(
    ("layers", "opened"),
    [
        (["landlock"], {"read_secret", "write_outside"}),
        (["seccomp"], {"fork", "tcp", "execute", "high_bits"}),
        (["seccomp", "landlock above 2"], {"truncate"}),
    ],
)
def test_a_missing_layer_is_found_out(
    without_bubblewrap: Station, layers: list[str], opened: set[str]
) -> None:
    isolation = probe(without_bubblewrap, REPO / "solutions", skip=layers)
    assert not isolation.sufficient
    if REPO.is_relative_to("/tmp"):  # hidden all the same: a worker's /tmp is its own
        opened = opened - {"read_secret"}
    assert opened <= set(isolation.open)
    assert "OPEN" in isolation.summary


@pytest.mark.parametrize("version", range(1, landlock.abi()))
def test_everything_that_matters_holds_on_older_kernels(
    without_bubblewrap: Station, version: int
) -> None:
    isolation = probe(without_bubblewrap, REPO / "solutions", skip=[f"landlock above {version}"])
    assert isolation.sufficient, f"open here: {isolation.open}"


def test_without_bubblewrap_everything_that_matters_still_holds(
    without_bubblewrap: Station,
) -> None:
    isolation = probe(without_bubblewrap, REPO / "solutions")
    assert isolation.sufficient, f"open here: {isolation.open}"
    assert not isolation.namespaces


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("while True: pass", Fault.TIMED_OUT),
        (
            "import signal, time\n"
            "[signal.signal(s, signal.SIG_IGN) for s in (2, 14, 15)]\n"
            "while True:\n  try: time.sleep(60)\n  except BaseException: pass",
            Fault.TIMED_OUT,
        ),
        ("x = []\nwhile True: x.append(bytearray(b'x' * 10_000_000))", Fault.OUT_OF_MEMORY),
        (  # tables of pages, all of which are the page of zeros
            "import mmap, time\n"
            "size = 400 << 30\n"
            "flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000\n"
            "pages = mmap.mmap(-1, size, flags=flags, prot=mmap.PROT_READ)\n"
            "for at in range(0, size, 2 << 20): pages[at]\n"
            "time.sleep(30)",
            Fault.OUT_OF_MEMORY,
        ),
        (
            "import os, time\n"
            "held = open('unnamed', 'wb')\n"
            "os.unlink('unnamed')\n"
            "for n in range(30): held.write(b'x' * 1_000_000)\n"
            "time.sleep(30)",
            Fault.TOO_MUCH_DISK,
        ),
        ("while True: print('x' * 10_000)", Fault.TOO_MUCH_OUTPUT),
        (
            "import threading, time\n"
            "for _ in range(200): threading.Thread(target=time.sleep, args=(30,)).start()\n"
            "time.sleep(30)",
            Fault.TOO_MANY_THREADS,
        ),
        (
            "import time\n"
            "for n in range(30): open(f'f{n}', 'wb').write(b'x' * 1_000_000)\n"
            "time.sleep(30)",
            Fault.TOO_MUCH_DISK,
        ),
        ("import os; os._exit(7)", Fault.EXITED),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", Fault.EXITED),
        (
            "import os\nfor fd in range(3, 64):\n"
            "  try: os.write(fd, b'\\0' * 64)\n  except OSError: pass",
            Fault.BAD_RESPONSE,
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, Fault) else "",
)
def test_what_breaks_a_limit_is_ended_and_named(worker: Worker, source: str, fault: Fault) -> None:
    with pytest.raises(WorkerFault) as caught:
        _load(worker, source, seconds=4.0 if fault is Fault.TIMED_OUT else 30.0)
    assert caught.value.fault is fault
    assert not worker.alive
    with pytest.raises(WorkerFault):
        _load(worker, "pass")


@pytest.mark.parametrize(
    ("source", "allowance", "words"),
    [
        ("while True: pass", ProcessorSeconds(1.0, 3600.0), "more than 1 seconds of processor"),
        ("import time; time.sleep(60)", ProcessorSeconds(1.0, 3.0), "more than 3 seconds by the"),
    ],
)
def test_computing_and_waiting_without_end_are_ended(
    worker: Worker, source: str, allowance: Allowance, words: str
) -> None:
    with pytest.raises(WorkerFault) as caught:
        _load(worker, source, allowance=allowance)
    assert caught.value.fault is Fault.TIMED_OUT
    assert words in caught.value.detail


def test_the_time_of_a_request_is_what_its_threads_compute(worker: Worker) -> None:
    _load(worker, "import time\ntime.sleep(1.0)")
    assert worker.took.processor < 1.0 <= worker.took.clock
    _load(
        worker,
        "import hashlib, threading, time\nstart = time.process_time()\n"
        "def work():\n    for _ in range(40): hashlib.sha256(bytes(4_000_000))\n"
        "threads = [threading.Thread(target=work) for _ in range(3)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(time.process_time() - start, time.process_time())",
    )
    in_cell, since_fork = map(float, worker.output.text().split()[-2:])
    # The kernel counts in hundredths of a second.
    assert in_cell - 0.02 <= worker.took.processor <= since_fork + 0.5


def test_the_exit_code_is_told(worker: Worker) -> None:
    with pytest.raises(WorkerFault, match="exited with code 7"):
        _load(worker, "import os; os._exit(7)")


def test_a_request_beyond_all_memory_is_an_error_of_its_own(worker: Worker) -> None:
    answer = _load(worker, "import numpy as np\nnp.ones(10**12)")
    assert "MemoryError" in answer["reports"][0]["error_type"]


def test_output_is_kept_at_both_ends(worker: Worker) -> None:
    _load(worker, "print('first'); print('x' * 300_000); print('last')")
    text = worker.output.text()
    assert text.startswith("first")
    assert text.endswith("last\n")
    assert "bytes left out" in text
    assert len(text) < 80_000


def test_a_closed_worker_leaves_nothing_behind(lease: Lease) -> None:
    scratch = Path(tempfile.mkdtemp(dir=lease.scratch_root))
    worker = start(lease, "student", LIMITS, scratch)
    _load(worker, "open('note', 'w').write('for the next one')")
    assert (scratch / "note").exists()
    host_pid = worker._host_pid
    worker.close()
    assert not scratch.exists()
    assert _gone(host_pid)


def test_workers_end_with_their_lease(warm: Station) -> None:
    with warm.lease() as lease:
        scratch = Path(tempfile.mkdtemp(dir=lease.scratch_root))
        worker = start(lease, "student", LIMITS, scratch)
        _load(worker, "x = 1")
        assert Path(f"/proc/{worker._host_pid}").exists()
    assert _gone(worker._host_pid)
    worker.close()


def test_randomness_is_the_same_in_every_worker(lease: Lease) -> None:
    source = (
        "import numpy as np, random, os, uuid, secrets\n"
        "print(np.random.default_rng().random(), random.Random().random(), np.random.rand(),\n"
        "      random.random(), os.urandom(4), uuid.uuid4(), secrets.token_hex(4),\n"
        "      np.random.RandomState().rand(), hash('a'),\n"
        "      np.random.Generator(np.random.PCG64()).random())"
    )
    texts = []
    for _ in range(2):
        scratch = Path(tempfile.mkdtemp(dir=lease.scratch_root))
        worker = start(lease, "student", LIMITS, scratch)
        report = _load(worker, source)["reports"][0]
        assert report["status"] == "ran", report
        texts.append(worker.output.text())
        worker.close()
    assert texts[0] == texts[1]


def test_a_template_that_is_gone_is_the_graders_fault(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="no template answers"):
        Station(str(tmp_path / "nowhere"), str(tmp_path)).lease()


def test_each_worker_has_a_tmp_and_shared_memory_of_its_own(lease: Lease) -> None:
    source = (
        "import multiprocessing, pathlib, tempfile\n"
        "print('before', pathlib.Path('/tmp/note').exists(), pathlib.Path('note').exists())\n"
        "pathlib.Path('/tmp/note').write_text('for the next one')\n"
        "multiprocessing.Lock().acquire()\n"
        "print('own', pathlib.Path('note').exists(), tempfile.gettempdir())\n"
    )
    for _ in range(2):
        scratch = Path(tempfile.mkdtemp(dir=lease.scratch_root))
        worker = start(lease, "student", LIMITS, scratch)
        report = _load(worker, source)["reports"][0]
        assert report["status"] == "ran", report
        assert worker.output.text().splitlines() == ["before False False", "own True /tmp"]
        worker.close()


def test_nothing_runs_between_two_questions(worker: Worker) -> None:
    source = (
        "import threading, time\n"
        "ticks = []\n"
        "def tick():\n"
        "    while True:\n"
        "        ticks.append(bytearray(1_000_000)); time.sleep(0.001)\n"
        "threading.Thread(target=tick, daemon=True).start()\n"
        "time.sleep(0.05)\n"
    )
    _load(worker, source)
    before = vitals(worker._host_pid).memory
    time.sleep(1.0)
    assert vitals(worker._host_pid).memory - before < 5 * MiB


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os\nfor _ in range(300): os.mkdir('d'); os.chdir('d')", "nested"),
        ("for n in range(21_000): open(f'f{n}', 'w').close()", "files"),
    ],
)
def test_odd_trees_on_disk_break_a_limit_and_are_removed(
    worker: Worker, source: str, words: str
) -> None:
    with pytest.raises(WorkerFault, match=words) as caught:
        _load(worker, f"{source}\nimport time; time.sleep(20)")
    assert caught.value.fault is Fault.TOO_MUCH_DISK
    assert worker.scratch is not None
    assert not worker.scratch.exists()


def test_disk_is_counted_once_more_after_the_answer(worker: Worker) -> None:
    with pytest.raises(WorkerFault) as caught:
        _load(worker, "for name in 'ab': open(name, 'wb').write(b'x' * 3_000_000)")
    assert caught.value.fault is Fault.TOO_MUCH_DISK


def test_very_deep_folders_can_be_removed(tmp_path: Path) -> None:
    root = tmp_path / "deep"
    root.mkdir()
    here = os.getcwd()
    try:
        os.chdir(root)
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)
    disk.remove(root)
    assert not root.exists()


def test_a_station_that_ends_early_leaves_no_process() -> None:
    roots = []
    for milliseconds in range(40):  # bubblewrap takes some ten of them to set up, Python more
        with station() as place:
            roots.append(place.scratch_root)  # bubblewrap has it on its command line
            time.sleep(milliseconds / 1000)

    def running() -> bool:
        lines = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]
        return any(root in line for root in roots for line in lines)

    deadline = time.monotonic() + 60
    while running() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not running()
