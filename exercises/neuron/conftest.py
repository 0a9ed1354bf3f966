"""What the checks of neuron share: strict calls, and a second chance on a student's own functions."""

import pytest

from autograder.checks import award
from autograder.errors import StudentError
from autograder.expect import Tolerance, difference

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
def expect_or_own(student):
    """Return a function that expects an oracle's value, or that of the student's other functions.

    A wrong `sigmoid` loses its own points and not those of the functions that build on it. `own` takes
    the arguments of a case and returns what the student's other functions make of them, None where
    most of these are wrong. A case in which they fail tells nothing, unless no case tells anything.
    """

    def expect_case(oracle, own, case):
        try:
            oracle.expect(student, [case])
        except (AssertionError, StudentError) as error:
            try:
                goal = own(*case)
            except StudentError:
                return error
            except (IndexError, TypeError, ValueError):  # of what is no array
                raise error from None
            if not _fits(student, oracle.name, case, goal):
                raise
        return None

    def expect_all(oracle, own, cases):
        untold = [expect_case(oracle, own, case) for case in cases]
        if all(untold):
            raise untold[0]

    return expect_all


@pytest.fixture
def passing():
    """Return a function of named parts, each a function without arguments: the names of what passes."""
    return lambda parts: [name for name, part in parts.items() if not _error_of(part)]


@pytest.fixture
def expect_each():
    """Return a function that gives each of several functions an equal share of a check's points.

    It takes a function without arguments for each share, which raises where the share is lost.
    """

    def expect(*parts):
        errors = [error for error in map(_error_of, parts) if error]
        if len(errors) == len(parts):
            raise errors[0]
        award(1 - len(errors) / len(parts), "\n".join(map(str, errors)))

    return expect


def _error_of(part):
    """Return the exception of a function without arguments, None where it passes."""
    try:
        part()
    except (AssertionError, StudentError) as error:
        return error
    return None


def _fits(student, name, case, goal):
    """Tell whether the student's function leaves its arguments alone and returns `goal`."""
    try:
        value, changed = student.call_watched(name, *case)
    except StudentError:
        return False
    return goal is not None and not changed and not difference(value, goal, NEAR)
