"""Writes one Markdown page for each student: scores, what each check said, and notes."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.report.outcomes import APPEARANCE
from autograder.result import Check, Outcome, Result, Status
from autograder.text import points, printable, safe_filename, write_atomically

FOLDER = "students"
DEMO_KEY = "public-demo"
_NOBODY = "unknown student"
_LONG = 400
_SPECIAL = re.compile(
    r"(?i)[\\`*\[\]<>&|~#!$@]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\."
    r"|^[ ]*(?:[-+=]|\d+(?=[.)]))"
)
_NAME = re.compile(r"(?<!`)(`[A-Za-z_][A-Za-z0-9_]*(?:\([A-Za-z0-9_,=. ]*\))?`)(?!`)")


def write(folder: Path, results: Iterable[Result]) -> None:
    """Write folder/students/NAME.md for each student.

    `results` come sorted by student. Raises OSError.
    """
    names = FileNames()
    for student, group in itertools.groupby(results, key=lambda result: result.student):
        path = folder / FOLDER / f"{names.name(student)}.md"
        write_atomically(path, page(student, list(group)))


@dataclass(slots=True)
class FileNames:
    """Gives each student a file name, without ending, that no other student has in any case."""

    _taken: set[str] = field(default_factory=set)

    def name(self, student: str) -> str:
        """Return the name for the next student."""
        wanted = free = safe_filename(student or _NOBODY)
        number = 2
        while free.casefold() in self._taken:
            free = f"{wanted}-{number}"
            number += 1
        self._taken.add(free.casefold())
        return free


def page(student: str, results: Sequence[Result]) -> str:
    """Return a student's page in Markdown.

    Text that a student wrote is neither Markdown nor HTML in it, and `evidence`, which only the
    instructor may read, is never part of it.
    """
    lines = [f"# Results of {inert(student or _NOBODY)}"]
    for result in results:
        lines += ["", *_section(result)]
    if any(result.key == DEMO_KEY for result in results):
        lines += [
            "",
            "---",
            "",
            "These results use the public demonstration key: the held-out data is the same "
            "everywhere. A course grades with its own key.",
        ]
    return "\n".join(lines) + "\n"


def inert(text: str) -> str:
    """Return text as a line that Markdown shows as it is: no markup, links, HTML or tables.

    A name in backticks stays code, so that `train` differs from the word; so does a call such as
    `causal_mask(3)`.
    """
    line = " ".join(printable(text).split())
    parts = _NAME.split(line)
    parts[::2] = [_SPECIAL.sub(_escaped, part) for part in parts[::2]]
    return "".join(parts)


def _escaped(match: re.Match[str]) -> str:
    special = match[0]
    # The dot after a number would start a list, so the escape goes behind the digits.
    return f"{special}\\" if special[-1:].isdigit() else f"\\{special}"


def fenced(text: str) -> list[str]:
    """Return lines that Markdown shows as they are; the fence is longer than any fence in them."""
    shown = printable(text).strip("\n")
    runs = [len(run) for run in re.findall("`+", shown)]
    fence = "`" * max(3, *(length + 1 for length in runs), 3)
    return [f"{fence}text", *shown.split("\n"), fence]


def _section(result: Result) -> Iterator[str]:
    exercise = inert(result.exercise) or "Something that was handed in"
    if result.status is Status.GRADED:
        waiting = f", {points(result.open_points)} still open" if result.open_points else ""
        scored = f"{points(result.score)} of {points(result.max_score)} points"
        yield f"## {exercise}: {scored}{waiting}"
    elif result.status is Status.REJECTED:
        yield f"## {exercise}: could not be graded"
    else:
        yield f"## {exercise}: not graded yet"
    yield ""
    yield f"Handed in as {inert(result.source)}."
    if result.status is Status.GRADER_ERROR:
        yield ""
        yield (
            "Something went wrong on our side, not in your work. Your instructor has been told, "
            "and it will be graded again."
        )
    elif result.message:
        yield ""
        yield from _message(result.message)
    if result.checks:
        yield ""
        yield from _table(result.checks)
    yield from _hints(result.checks)
    yield from _comments(result.checks)
    if result.notes:
        yield from ("", "Notes:", "")
        yield from (f"- {inert(note)}" for note in result.notes)


def _hints(checks: Sequence[Check]) -> Iterator[str]:
    """Yield each message once, below the title of its first check and above those of the others."""
    titles: defaultdict[str, list[str]] = defaultdict(list)
    for check in checks:
        if check.message and check.outcome is not Outcome.PASSED:
            titles[check.message].append(check.title)
    for message, (first, *others) in titles.items():
        yield from ("", f"### {inert(first)}", "")
        yield from _message(message)
        if others:
            yield from ("", "The same for:", "")
            yield from (f"- {inert(title)}" for title in others)


def _comments(checks: Sequence[Check]) -> Iterator[str]:
    """Yield what a person wrote of checks, below the title of each."""
    reviewed = [check for check in checks if check.review is not None and check.review.comment]
    if reviewed:
        yield from ("", "Comments:")
    for check in reviewed:
        yield from ("", f"### {inert(check.title)}", "")
        yield from _message(check.review.comment if check.review else "")


def _table(checks: Sequence[Check]) -> Iterator[str]:
    yield "| Check | Result | Points |"
    yield "| --- | --- | ---: |"
    for check in checks:
        is_open = check.outcome is Outcome.OPEN
        earned = f"{'?' if is_open else points(check.points)} of {points(check.max_points)}"
        word = f"{APPEARANCE[check.outcome].word}{_remark(check)}"
        yield f"| {inert(check.title)} | {word} | {earned} |"


def _remark(check: Check) -> str:
    """Return what stands behind an outcome: how its points came about."""
    if check.review is not None and check.is_adjusted:
        by_hand = check.review.outcome is Outcome.OPEN
        return " (graded by a person)" if by_hand else " (adjusted by a person)"
    return " (close to the limit)" if check.borderline else ""


def _message(text: str) -> Iterator[str]:
    shown = printable(text).strip()
    if "\n" in shown or len(shown) > _LONG:
        yield from fenced(shown)
    else:
        yield inert(shown)
