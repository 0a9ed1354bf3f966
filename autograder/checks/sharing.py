"""The decorator `shared`, for fixtures that are the same for every submission."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["is_shared", "shared"]

_DECLARATION = "__autograder_shared__"  # pytest copies attributes of a function to its fixture


def shared(function: Callable[..., Any]) -> Any:
    """Make a function of a module a session fixture that is made once, before any submission.

    In the process that forks for each submission it costs a class its time once. It may need
    `data`, `thresholds` and fixtures that need nothing else, not `student` or `reference`. It
    returns a plain value: the forks would share threads, connections and open files.

        @shared
        def cars(data):
            return data("cars")

    Raises TypeError for a generator, since no process would run what follows the `yield`, and
    for a function inside a class or another function.
    """
    if inspect.isgeneratorfunction(function):
        raise TypeError(
            f"the fixture {function.__name__!r} has a yield, so it cannot be @shared: make it for "
            'each submission with @pytest.fixture(scope="session")'
        )
    if "." in function.__qualname__:
        raise TypeError(f"@shared is for functions of a module, not for {function.__qualname__}")
    setattr(function, _DECLARATION, True)
    return pytest.fixture(scope="session")(function)


def is_shared(thing: object) -> bool:
    """Tell whether a module's attribute is a fixture that `shared` made."""
    return _DECLARATION in getattr(thing, "__dict__", {})
