"""Checks a function that returns plain values: an oracle gives the right value for each case."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.errors import DeclarationError, StudentError
from autograder.expect import Tolerance, difference, kind_of, shown
from autograder.proxies.student import Student
from autograder.wire import map_leaves

__all__ = ["Oracle"]


@dataclass(frozen=True, slots=True)
class Oracle:
    """A student's function, `name`, and the instructor's function `right` that it must equal.

    The oracle states the tolerance once, for all checks of the function. `right` gets copies of the
    arguments, and the same arguments as the student's function: where it raises an exception, the
    student's function must raise the same or a subclass. An argument whose position is in
    `may_change` may be changed in place; any other argument must be left as it is. Where only a
    part of the value counts, `part` takes it from both values, and may raise AssertionError for a
    value without it. `told` says a case in words where its numbers would fill a page.

        SOFTMAX = Oracle("softmax", softmax, Tolerance(rtol=1e-5))

        @points(2)
        def test_rows(student, rng):
            \"\"\"`softmax` turns each row into probabilities\"\"\"
            SOFTMAX.expect(student, [(rng.normal(size=(n, 3)),) for n in (1, 2, 17)])
    """

    name: str
    right: Callable[..., Any]
    tolerance: Tolerance = field(default_factory=Tolerance)
    may_change: tuple[int, ...] = ()
    part: Callable[[Any], Any] | None = None
    told: Callable[[Sequence[Any]], str] | None = None

    def expect(self, student: Student, cases: Iterable[Sequence[Any]], hint: str = "") -> None:
        """Call the student's function for each case, a sequence of arguments, the smallest first.

        Raises AssertionError for the first case that differs, with the arguments, what was expected
        and what came back; `hint` ends the message. Raises StudentError where the function is
        missing, breaks a limit, or raises an exception that `right` does not raise, and
        DeclarationError for a case that is no tuple or list, such as a bare array.
        """
        listed = list(cases)
        for case in listed:
            if not isinstance(case, tuple | list):
                raise DeclarationError(
                    f"a case of `{self.name}` is a tuple of its arguments, not {kind_of(case)}: "
                    "for a single argument write (x,)"
                )
        for case in sorted(listed, key=_size):
            told = self._difference(student, tuple(case), hint)
            assert not told, "\n".join(filter(None, (told, hint)))

    def _difference(self, student: Student, case: tuple[Any, ...], hint: str) -> str:
        """Return what differs for one case, '' where nothing does; an exception gets the hint."""
        expected, raised = self._expected(case)
        try:
            value, changed = student.call_watched(self.name, *case)
        except StudentError as error:
            if raised in error.raised:
                return ""
            if raised and error.raised:
                return f"For {self._told(case)} a {raised} is expected. {error.message}"
            if not error.raised:
                raise
            told = "\n".join(filter(None, (f"For {self._told(case)}: {error.message}", hint)))
            raise error.with_message(told) from error
        if raised:
            return f"For {self._told(case)} `{self.name}` should raise a {raised}; {_came(value)}."
        for place in changed:
            if place not in self.may_change:
                return (
                    f"`{self.name}` changed its argument {self._names(len(case))[place]} in place. "
                    "Work on a copy, such as `x.copy()`."
                )
        if self.part:
            value, expected = self.part(value), self.part(expected)
        told = difference(value, expected, self.tolerance)
        end = "" if told.endswith("?") else "."
        return f"`{self.name}`, for {self._told(case)}: {told}{end}" if told else ""

    def _expected(self, case: tuple[Any, ...]) -> tuple[Any, str]:
        """Return the right value, and the name of the exception that `right` raises instead."""
        try:
            return self.right(*map(_copy, case)), ""
        except (ValueError, TypeError, KeyError, IndexError, ZeroDivisionError) as error:
            return None, type(error).__name__

    def _names(self, count: int) -> list[str]:
        names = list(inspect.signature(self.right).parameters)
        return [*names, *(f"number {n + 1}" for n in range(len(names), count))]

    def _told(self, case: tuple[Any, ...]) -> str:
        if self.told:
            return self.told(case)
        return ", ".join(map(_argument, self._names(len(case)), case))


def _argument(name: str, value: Any) -> str:
    text = shown(value)
    if isinstance(value, np.ndarray) and text.startswith("["):
        line = " " if "\n" not in text else "\n"
        return f"{name} of shape {value.shape} ={line}{text}"
    return f"{name} = {text}"


def _came(value: Any) -> str:
    return "it returned nothing" if value is None else f"it returned {kind_of(value)}"


def _copy(value: Any) -> Any:
    return map_leaves(value, lambda leaf: leaf.copy() if isinstance(leaf, np.ndarray) else leaf)


def _size(value: Any) -> int:
    """Return how many numbers and characters a case holds: small cases are told before large."""
    if isinstance(value, np.ndarray):
        return int(value.size)
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list | tuple) else 1
