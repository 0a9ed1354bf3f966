"""What a process has on disk, also where no folder shows it."""

from __future__ import annotations

import ctypes
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.limits import MiB
from autograder.sandbox import disk


def test_files_without_a_name_count_while_they_are_open(tmp_path: Path) -> None:
    before = disk.held(os.getpid(), mapped=False)
    with (tmp_path / "file").open("wb", buffering=0) as file:
        file.write(os.urandom(3 * MiB))
        os.fsync(file.fileno())
        copy = os.dup(file.fileno())
        assert disk.held(os.getpid(), mapped=False) == before
        assert disk.used(tmp_path) >= 3 * MiB
        (tmp_path / "file").unlink()
        assert disk.used(tmp_path) == 0
        assert disk.held(os.getpid(), mapped=False) - before >= 3 * MiB
    assert disk.held(os.getpid(), mapped=False) - before < 4 * MiB, "counted once"
    os.close(copy)
    assert disk.held(os.getpid(), mapped=False) == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root may look at what a process has mapped")
def test_files_without_a_name_count_while_they_are_mapped(tmp_path: Path) -> None:
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p  # Python's own mmap keeps a descriptor open
    libc.mmap.argtypes = [ctypes.c_void_p, *[ctypes.c_size_t] * 4, ctypes.c_long]
    before = disk.held(os.getpid(), mapped=True)
    with (tmp_path / "file").open("wb+", buffering=0) as file:
        file.write(os.urandom(3 * MiB))
        os.fsync(file.fileno())
        protection, shared = mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED
        pages = libc.mmap(None, 3 * MiB, protection, shared, file.fileno(), 0)
    (tmp_path / "file").unlink()
    assert disk.held(os.getpid(), mapped=False) <= before
    assert disk.held(os.getpid(), mapped=True) - before >= 3 * MiB
    assert libc.munmap(ctypes.c_void_p(pages), 3 * MiB) == 0
    assert disk.held(os.getpid(), mapped=True) == before


def test_pipes_and_an_ended_process_hold_nothing() -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"x" * 1000)
    assert disk.held(os.getpid(), mapped=False) < MiB
    os.close(read_end)
    os.close(write_end)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert disk.held(ended.pid, mapped=True) == 0
