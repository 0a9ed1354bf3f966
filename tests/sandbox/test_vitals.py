"""What a process takes, compared with what psutil says of it."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import threading
import time

import psutil
import pytest

from autograder.limits import MiB
from autograder.sandbox.vitals import Vitals, processor_seconds, vitals


def test_memory_and_threads_are_those_that_others_count() -> None:
    release = threading.Event()
    threads = [threading.Thread(target=release.wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    held = bytearray(os.urandom(50 * MiB))
    now, other = vitals(os.getpid()), psutil.Process()
    assert now.threads == other.num_threads()
    assert now.memory == pytest.approx(other.memory_info().rss, rel=0.1)
    release.set()
    for thread in threads:
        thread.join()
    assert now.memory > len(held)


def test_tables_of_pages_are_memory() -> None:
    before = vitals(os.getpid()).memory
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000  # MAP_NORESERVE
    size = 40 << 30  # a table of 4 KiB for each 2 MiB
    with mmap.mmap(-1, size, flags=flags, prot=mmap.PROT_READ) as pages:
        for at in range(0, size, 2 * MiB):
            pages[at]
        assert vitals(os.getpid()).memory - before > 70 * MiB


def test_processor_time_is_what_was_computed() -> None:
    began, mine = processor_seconds(os.getpid()), time.process_time()
    while time.process_time() - mine < 0.5:
        pass
    assert processor_seconds(os.getpid()) - began == pytest.approx(0.5, abs=0.1)


def test_an_ended_process_takes_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert vitals(ended.pid) == Vitals()
    assert processor_seconds(ended.pid) == 0.0
