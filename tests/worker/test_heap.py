"""Memory that a worker has freed."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

SCATTERED = """
import psutil
from autograder.worker import heap

def held():
    return psutil.Process().memory_info().rss >> 20

blocks = [bytes(50_000) for _ in range(4000)]
last = bytes(50_000)  # at the heap's end: what lies before it does not shrink the heap
del blocks
kept = held()
heap.give_back()
print(kept - held())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not glibc")
def test_freed_memory_goes_back_though_something_newer_is_still_there() -> None:
    done = subprocess.run([sys.executable, "-c", SCATTERED], capture_output=True, text=True)
    assert int(done.stdout) > 150, done.stderr
