"""Shows how a known answer differs from the solution, for the author whose check it surprised."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from rich.console import Console
from rich.syntax import Syntax

from autograder.authoring.verify import Case
from autograder.commands.telling import tell
from autograder.course import known_answer

__all__ = ["difference", "print_difference"]

_MOST_LINES = 60
_CONTEXT = 2  # unchanged lines around a change


def difference(case: Case) -> list[str]:
    """Return the lines of a unified diff from the solution to an answer, hunks headed by names.

    It is empty for the reference and the stub. Raises AnswerError and OSError where the answer's
    file was changed meanwhile and can no longer be read.
    """
    lines = list(_hunks(case))
    if not lines:
        return []
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], f"… {len(lines) - _MOST_LINES} more lines"]
    return ["--- solution.py", f"+++ {case.name}.py", *lines]


def _hunks(case: Case) -> Iterator[str]:
    for change in known_answer.changes(case.of, case.path):
        before, after = change.before.splitlines(), change.after.splitlines()
        for line in list(unified_diff(before, after, lineterm="", n=_CONTEXT))[2:]:
            is_head = line.startswith("@@")
            yield f"@@ {', '.join(change.names)} @@" if is_head and change.names else line


def print_difference(console: Console, case: Case) -> None:
    """Print how an answer differs from the solution, in colours on a terminal."""
    lines = difference(case)
    if not lines:
        return
    text = "\n".join(lines)
    if console.is_terminal:
        console.print(Syntax(text, "diff", theme="ansi_dark", background_color="default"))
    else:
        tell(console, text)
