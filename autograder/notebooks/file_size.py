"""The largest file that is read, and the sentence that refuses a larger one."""

from __future__ import annotations

MEGABYTE = 1_000_000
MAX_FILE_BYTES = 20 * MEGABYTE
"""The largest file that `grade` and `check` read, packed or not."""


def too_large(size: int) -> str:
    """Return the sentence that refuses a file of `size` bytes."""
    return (
        f"The file has {size / MEGABYTE:,.1f} MB; at most {MAX_FILE_BYTES // MEGABYTE} MB are read."
        " Clear the notebook's outputs (Kernel > Restart and clear all outputs), save, and hand "
        "it in again."
    )
