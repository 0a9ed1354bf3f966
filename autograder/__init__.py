"""Grades Keras homework that nobody has to trust.

A notebook runs a visible check with `check`. Checks are written with `points`, `award` and the
vocabulary of `expect`. A program grades a class with `grade`. Each of these names is imported when
it is first used, so `import autograder` loads nothing else. The exceptions stand in
`autograder.errors`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder import expect
    from autograder.checks.marking import award, points
    from autograder.grading.session import grade
    from autograder.selfcheck.cell import check

__all__ = ["award", "check", "expect", "grade", "points"]
__version__ = "0.1.0"

PACKAGE = Path(__file__).parent
"""The folder of this package: code that reads the package's files starts here."""

_MODULES = {
    "award": "autograder.checks.marking",
    "check": "autograder.selfcheck.cell",
    "grade": "autograder.grading.session",
    "points": "autograder.checks.marking",
}

if not TYPE_CHECKING:  # a type checker would take any name for an attribute

    def __getattr__(name: str) -> object:
        if name == "expect":
            return import_module("autograder.expect")
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_MODULES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
