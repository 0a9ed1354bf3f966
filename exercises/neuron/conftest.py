"""What the checks of neuron share: the tolerance, strict calls, and which parts pass."""

import pytest

from autograder.checks import error_of
from autograder.expect import Tolerance

NEAR = Tolerance(rtol=1e-4, atol=1e-5)  # as the statement promises


@pytest.fixture
def near():
    """How far a number may lie from the right one."""
    return NEAR


@pytest.fixture
def without_warnings(student):
    """Turn every warning of NumPy into an exception in the student's functions, for one check.

    The shell that ran the notebook opens and closes the context in the student's own process.
    """
    shell = student.get_ipython()
    strict = shell.ev(
        "__import__('warnings').catch_warnings(action='error', category=RuntimeWarning)"
    )
    strict.call("__enter__")
    yield
    strict.call("__exit__", None, None, None)


@pytest.fixture
def passing():
    """Return a function of named parts, each a function without arguments: the names of what passes."""
    return lambda parts: [name for name, part in parts.items() if not error_of(part)]
