"""What a process takes of the machine, as /proc tells from outside: memory, threads, time."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Vitals", "processor_seconds", "vitals"]

_TICKS = os.sysconf("SC_CLK_TCK")
_MEMORY = (b"VmRSS:", b"VmPTE:", b"VmSwap:")
"""Pages in memory, the tables that lead to pages, and pages that were swapped out, in KiB.

The tables of a mapping can be larger than its pages: each page of zeros is the same page.
"""


@dataclass(frozen=True, slots=True)
class Vitals:
    """Bytes of memory and the number of threads; both are 0 for a process that has ended."""

    memory: int = 0
    threads: int = 0


def vitals(pid: int) -> Vitals:
    """Return what a process takes now; an ended process takes nothing."""
    try:
        lines = Path(f"/proc/{pid}/status").read_bytes().splitlines()
    except OSError:  # it has just ended; its pidfd tells
        return Vitals()
    numbers = dict(line.split()[:2] for line in lines if line.startswith((*_MEMORY, b"Threads:")))
    kibibytes = sum(int(numbers.get(name, 0)) for name in _MEMORY)
    return Vitals(kibibytes << 10, int(numbers.get(b"Threads:", 0)))


def processor_seconds(pid: int) -> float:
    """Return what all threads of a process have computed so far; 0 once it has ended."""
    try:
        # The name in brackets may hold spaces; utime and stime are fields 14 and 15.
        behind = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:  # it has just ended; its pidfd tells
        return 0.0
    return (int(behind[11]) + int(behind[12])) / _TICKS if len(behind) > 12 else 0.0
