"""Says how each outcome of a check is shown: a word, a sign, a colour and a mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from autograder.result import Outcome, Status


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark before a check's title: whether all, a part or none of its points were earned,
    or whether they wait for a person.

    `ascii` stands for the sign where a terminal has no Unicode; `style` is a style of Rich.
    """

    sign: str
    ascii: str
    style: str

    def markup(self, *, unicode: bool = True) -> str:
        """Return the mark in Rich's markup."""
        return f"[{self.style}]{self.sign if unicode else self.ascii}[/]"


EARNED = Mark("✓", "ok", "green")
PART = Mark("~", "~ ", "yellow")
LOST = Mark("✗", "no", "red")
WAITING = Mark("?", "? ", "cyan")


@dataclass(frozen=True, slots=True)
class Appearance:
    """How one outcome is shown.

    `word` is what a student's page says. `sign`, in the Rich style `style`, fills a cell of the
    matrix that `autograder verify` prints. `mark` stands before the check's title.
    """

    word: str
    sign: str
    style: str
    mark: Mark = LOST

    def markup(self) -> str:
        """Return the sign in Rich's markup."""
        return f"[{self.style}]{self.sign}[/]"


APPEARANCE: Mapping[Outcome, Appearance] = MappingProxyType(
    {
        Outcome.PASSED: Appearance("passed", "✓", "green", EARNED),
        Outcome.PARTIAL: Appearance("partly right", "~", "yellow", PART),
        Outcome.FAILED: Appearance("not yet", "✗", "red"),
        Outcome.NOT_ATTEMPTED: Appearance("not attempted", "·", "dim"),
        Outcome.CRASHED: Appearance("stopped with an error", "!", "red"),
        Outcome.TIMED_OUT: Appearance("took too long", "T", "red"),
        Outcome.OUT_OF_MEMORY: Appearance("needed too much memory", "!", "red"),
        Outcome.LIMIT: Appearance("went over a limit", "!", "red"),
        Outcome.BLOCKED: Appearance("did something that is not allowed", "!", "red"),
        Outcome.REFUSED_MODEL: Appearance("model could not be read", "R", "red"),
        Outcome.GRADER_ERROR: Appearance("our fault, will be graded again", "E", "red reverse"),
        Outcome.OPEN: Appearance("waiting for a person", "?", "cyan", WAITING),
    }
)
"""The one place where an outcome is worded."""


def label(value: Outcome | Status) -> str:
    """Return the name of an outcome or a status as words: "grader error"."""
    return value.replace("_", " ")
