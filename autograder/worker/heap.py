"""Returns memory that a worker has freed to the machine, while the worker waits."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Return freed memory to the machine, where the C library can (glibc); under a millisecond."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
