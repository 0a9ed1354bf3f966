"""Prints a check in the terminal as its student reads it: mark, title, points and message."""

from __future__ import annotations

import textwrap

from rich.console import Console
from rich.markup import escape

from autograder.report.outcomes import APPEARANCE
from autograder.result import Check

__all__ = ["print_check"]


def print_check(console: Console, check: Check, *, with_points: bool = False) -> None:
    """Print a check's mark and title, its points where they are asked for, and its message."""
    unicode = console.encoding.startswith("utf")
    mark = APPEARANCE[check.outcome].mark.markup(unicode=unicode)
    earned = f" ({check.points:g} of {check.max_points:g})" if with_points else ""
    title = f"{mark} {escape(check.title)}{earned}"
    console.print(title, highlight=False, soft_wrap=with_points)
    if check.message:
        # A table of layers is 78 columns wide.
        space = "  " if "\n" in check.message else "    "
        console.print(escape(textwrap.indent(check.message, space)), highlight=False)
