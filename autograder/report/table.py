"""Shows a batch in the terminal: a score table, what has no grade and why, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.report.files import in_order, points, printable
from autograder.result import Measure, Outcome, Result, Status

_NOBODY = "(unknown)"
_STYLES = {Status.REJECTED: "red", Status.GRADER_ERROR: "bold magenta"}
_WORDS = {Status.REJECTED: "rejected", Status.GRADER_ERROR: "grader error"}


def render(results: Iterable[Result]) -> Group:
    """Return the whole report for a Rich console; no text in it is read as Rich markup."""
    ordered = in_order(results)
    parts: list[RenderableType] = [scores(ordered)]
    parts += [_reason(result) for result in ordered if result.status is not Status.GRADED]
    parts += [line for result in ordered for line in _borderline(result)]
    parts.append(Text(summary(ordered), style="bold"))
    return Group(*parts)


def scores(results: Sequence[Result]) -> Table:
    """Return the table of students and exercises."""
    exercises = sorted({result.exercise for result in results if result.exercise})
    table = Table(title="Scores", title_justify="left")
    table.add_column("Student", overflow="fold")
    for exercise in exercises:
        table.add_column(_text(exercise), justify="right")
    rows: dict[str, dict[str, Text]] = {}
    for result in in_order(results):
        row = rows.setdefault(result.student, {})
        shown = [row[result.exercise]] if result.exercise in row else []
        row[result.exercise] = Text("\n").join([*shown, _cell(result)])
    for student, row in rows.items():
        missing = Text("-", style="dim")
        name = _text(student or _NOBODY)
        table.add_row(name, *(row.get(exercise, missing) for exercise in exercises))
    return table


def summary(results: Iterable[Result]) -> str:
    """Return one line that counts what happened."""
    ordered = list(results)
    counts = Counter(result.status for result in ordered)
    graded = [one for one in ordered if one.status is Status.GRADED and one.max_score > 0]
    noun = "submission" if len(ordered) == 1 else "submissions"
    words = [f"{len(ordered)} {noun}: {counts[Status.GRADED]} graded"]
    words += [f"{counts[status]} {word}" for status, word in _WORDS.items() if counts[status]]
    near = sum(any(check.borderline for check in one.checks) for one in graded)
    words += [f"{near} borderline"] if near else []
    if graded:
        mean = sum(one.score / one.max_score for one in graded) / len(graded)
        words.append(f"mean score {mean:.0%}")
    return ", ".join(words) + "."


def _cell(result: Result) -> Text:
    if result.status is not Status.GRADED:
        return Text(_WORDS[result.status], style=_STYLES[result.status])
    text = f"{points(result.score)} / {points(result.max_score)}"
    outcomes = {check.outcome for check in result.checks}
    if outcomes == {Outcome.NOT_ATTEMPTED}:
        return Text(f"{text} not attempted", style="dim")
    if outcomes <= {Outcome.PASSED}:
        return Text(text, style="green")
    return Text(text, style="yellow" if result.score > 0 else "red")


def _reason(result: Result) -> Text:
    exercise = f" {result.exercise}" if result.exercise else ""
    return Text.assemble(
        (f"{_WORDS[result.status]}: ", _STYLES[result.status]),
        _text(f"{result.student or _NOBODY}{exercise} ({result.source}): {result.message}"),
    )


def _borderline(result: Result) -> Iterator[Text]:
    """Yield a line for each check that chance may have decided, with the numbers it rests on."""
    for check in result.checks:
        if check.borderline:
            numbers = ", ".join(_told(measure) for measure in check.measures)
            yield Text.assemble(
                ("borderline: ", "yellow"),
                _text(f"{result.student or _NOBODY} {result.exercise} {check.id}: {numbers}"),
            )


def _told(measure: Measure) -> str:
    value = "no number" if measure.value is None else f"{measure.value:.3g}"
    tries = f", best of {measure.tries} tries" if measure.tries > 1 else ""
    return f"{measure.name} {value} against {measure.limit:g}{tries}"


def _text(value: str) -> Text:
    return Text(" ".join(printable(value).split()))
