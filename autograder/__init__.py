"""Grades Keras homework that nobody has to trust."""

from __future__ import annotations

from pathlib import Path

__version__ = "0.1.0"

PACKAGE = Path(__file__).parent
"""The folder of this package: code that reads the package's files starts here."""


def check(test_id: str) -> float | None:
    """Run one visible check on the functions defined so far in this notebook, and say what it says.

    Returns None where all points are earned, and the points where a part of them is. Raises an
    AssertionError, whose text is the hint, where nothing is. A hidden check runs after handing in.
    """
    from autograder.selfcheck.cell import run

    return run(test_id)
