"""Shows a batch in the terminal: a score table, the reasons for missing grades, and a summary."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from rich.console import Group
from rich.table import Table
from rich.text import Text

from autograder.report.outcomes import APPEARANCE, EARNED, LOST, PART, WAITING, label
from autograder.result import Measure, Outcome, Result, Status
from autograder.text import points, printable

_NOBODY = "(unknown)"
_STYLES = {Status.REJECTED: "red", Status.GRADER_ERROR: "bold magenta"}
_MOST_ROWS, _MOST_LINES = 500, 200


def render(results: Iterable[Result]) -> Group:
    """Return the whole report for a Rich console; no text of a student is read as Rich markup.

    `results` come sorted by student, and are read once and not kept. Of a large class the terminal
    shows the first rows and lines; the report files hold everything.
    """
    tally = _Tally.of(results)
    return Group(tally.scores(), *tally.lines(), Text(tally.summary(), style="bold"))


def scores(results: Iterable[Result]) -> Table:
    """Return the score table alone."""
    return _Tally.of(results).scores()


@dataclass(slots=True)
class _Tally:
    """Counts results as they pass by, and keeps the rows and lines that the terminal shows."""

    rows: dict[str, dict[str, Text]] = field(default_factory=dict)
    exercises: set[str] = field(default_factory=set)
    reasons: list[Text] = field(default_factory=list)
    near: list[Text] = field(default_factory=list)
    counts: Counter[Status] = field(default_factory=Counter)
    students: int = 0
    unknown: int = 0
    omitted: int = 0
    borderline: int = 0
    waiting: int = 0
    shares: list[float] = field(default_factory=list)
    _last: str | None = None

    @classmethod
    def of(cls, results: Iterable[Result]) -> Self:
        tally = cls()
        for result in results:
            tally.add(result)
        return tally

    def add(self, result: Result) -> None:
        self.counts[result.status] += 1
        self.students += result.student != self._last
        self.unknown += not result.student
        self._last = result.student
        if self.students <= _MOST_ROWS:
            self._add_row(result)
        if result.status is Status.GRADED:
            decided = result.max_score - result.open_points
            if decided > 0:
                self.shares.append(result.score / decided)
            self.waiting += result.open_points > 0
            near = list(_borderline(result))
            self.borderline += bool(near) and result.max_score > 0
            self._say(self.near, near)
        else:
            self._say(self.reasons, [_reason(result)])

    def _add_row(self, result: Result) -> None:
        if result.exercise:
            self.exercises.add(result.exercise)
        row = self.rows.setdefault(result.student, {})
        shown = [row[result.exercise]] if result.exercise in row else []
        row[result.exercise] = Text("\n").join([*shown, _cell(result)])

    def _say(self, lines: list[Text], more: list[Text]) -> None:
        allowed = max(_MOST_LINES - len(lines), 0)
        lines += more[:allowed]
        self.omitted += len(more[allowed:])

    def scores(self) -> Table:
        """Return the table of students and exercises."""
        exercises = sorted(self.exercises)
        table = Table(title="Scores", title_justify="left")
        table.add_column("Student", overflow="fold")
        for exercise in exercises:
            table.add_column(_text(exercise), justify="right")
        missing = Text("-", style="dim")
        for student, row in self.rows.items():
            name = _text(student or _NOBODY)
            table.add_row(name, *(row.get(exercise, missing) for exercise in exercises))
        if self.students > len(self.rows):
            table.caption = f"and {self.students - len(self.rows):,} more students"
        return table

    def lines(self) -> list[Text]:
        more = [Text(f"and {self.omitted:,} more such lines")] if self.omitted else []
        return [*self.reasons, *self.near, *more]

    def summary(self) -> str:
        """Return sentences that count the people, and how their submissions ended."""
        total = sum(self.counts.values())
        noun = "submission" if total == 1 else "submissions"
        words = [f"{total} {noun}: {self.counts[Status.GRADED]} graded"]
        words += [f"{self.counts[s]} {label(s)}" for s in _STYLES if self.counts[s]]
        words += [f"{self.borderline} borderline"] if self.borderline else []
        words += [f"{self.waiting} waiting for a person"] if self.waiting else []
        if self.shares:
            words.append(f"mean score {statistics.fmean(self.shares):.0%}")
        return f"{self._people()} {', '.join(words)}."

    def _people(self) -> str:
        people = self.students - (self.unknown > 0)
        known = "1 person" if people == 1 else f"{people} people"
        if not self.unknown:
            return f"{known}."
        files = "1 file" if self.unknown == 1 else f"{self.unknown} files"
        return f"{known}, and {files} of unknown people."


def _cell(result: Result) -> Text:
    if result.status is not Status.GRADED:
        return Text(label(result.status), style=_STYLES[result.status])
    text = f"{points(result.score)} / {points(result.max_score)}"
    if result.open_points:
        text = f"{text} ({points(result.open_points)} open)"
    outcomes = {check.outcome for check in result.checks} - {Outcome.OPEN}
    if outcomes == {Outcome.NOT_ATTEMPTED}:
        shown = APPEARANCE[Outcome.NOT_ATTEMPTED]
        return Text(f"{text} {shown.word}", style=shown.style)
    if outcomes <= {Outcome.PASSED}:
        style = WAITING.style if result.open_points else EARNED.style
        return Text(text, style=style)
    return Text(text, style=PART.style if result.score > 0 else LOST.style)


def _reason(result: Result) -> Text:
    exercise = f" {result.exercise}" if result.exercise else ""
    return Text.assemble(
        (f"{label(result.status)}: ", _STYLES[result.status]),
        _text(f"{result.student or _NOBODY}{exercise} ({result.source}): {result.message}"),
    )


def _borderline(result: Result) -> Iterator[Text]:
    """Yield a line for each check that chance may have decided, with the numbers behind it."""
    for check in result.checks:
        if check.borderline:
            numbers = ", ".join(_in_words(measure) for measure in check.measures)
            yield Text.assemble(
                ("borderline: ", "yellow"),
                _text(f"{result.student or _NOBODY} {result.exercise} {check.id}: {numbers}"),
            )


def _in_words(measure: Measure) -> str:
    value = "no number" if measure.value is None else f"{measure.value:.3g}"
    tries = f", best of {measure.tries} tries" if measure.tries > 1 else ""
    return f"{measure.name} {value} against {measure.limit:g}{tries}"


def _text(value: str) -> Text:
    return Text(" ".join(printable(value).split()))
