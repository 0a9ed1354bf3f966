"""Reads a student worker's responses strictly: student code may make it send anything."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.errors import BadResponse
from autograder.notebooks import outputs
from autograder.notebooks.outputs import Output
from autograder.wire import Value
from autograder.wire.values import MAX_INT
from autograder.worker.cells import CellReport

_MOST_NAMES = 10_000
_LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Loaded:
    """How the cells ran, which functions they define, and what each cell showed where recorded."""

    reports: tuple[CellReport, ...]
    functions: frozenset[str]
    shown: tuple[list[Output], ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that the student's code raised, as text; `line` is the code's own line.

    `bases` are the names of its class and of the classes that this is derived from.
    """

    type: str
    bases: tuple[str, ...]
    message: str
    line: str
    traceback: str
    not_attempted: bool
    blocked: bool
    memory: bool


@dataclass(frozen=True, slots=True)
class Called:
    """What a function returned, with a Handle in place of each live object.

    `built` holds the numbers of the live models that were built from descriptions, `changed` the
    positions of the arguments that the call changed in place, where that was asked for.
    """

    value: Value
    built: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """A model's description, or why it has none."""

    description: Value
    refused: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a live model predicted for a few rows, as plain values that nobody has checked yet.

    `failed` says why it predicted nothing, None where it did. `description` replaces the model's
    description where the first one was found to predict something else.
    """

    answers: dict[str, Value]
    failed: str | None
    description: Value = None


def loaded(response: dict[str, Value], cells: int) -> Loaded:
    """Read the response to `load` of this many cells; raises BadResponse."""
    _exactly(response, {"reports", "functions", "shown"})
    reports, names = response["reports"], response["functions"]
    if type(reports) is not list or type(names) is not list or len(names) > _MOST_NAMES:
        raise BadResponse("a list of reports and one of names are expected")
    if not all(type(name) is str for name in names):
        raise BadResponse("names that are no text")
    if len(reports) != cells:
        raise BadResponse("one report for each cell is expected")
    try:
        shown = () if response["shown"] is None else outputs.read_each(response["shown"], cells)
        return Loaded(tuple(map(CellReport.from_value, reports)), frozenset(names), shown)
    except ValueError as error:
        raise BadResponse(str(error)) from None


def called(response: dict[str, Value], descriptions: int) -> Called | Failure:
    """Read the response to `call` with this many descriptions; raises BadResponse."""
    if "error" in response:
        return _failure(response)
    _exactly(response, {"value", "built", "changed"})
    built, changed = response["built"], response["changed"]
    if type(changed) is not list:
        raise BadResponse("a list of changed arguments is expected")
    if type(built) is not list or len(built) != descriptions:
        raise BadResponse("a number for each description is expected")
    if not all(type(number) is int and 0 <= number < MAX_INT for number in (*built, *changed)):
        raise BadResponse("a handle that is no number")
    return Called(response["value"], tuple(built), tuple(changed))


def described(response: dict[str, Value]) -> Described | Failure:
    """Read the response to `describe`; raises BadResponse."""
    if "error" in response:
        return _failure(response)
    if "refused" in response:
        _exactly(response, {"refused"})
        return Described(None, _text(response, "refused"))
    _exactly(response, {"description"})
    return Described(response["description"], None)


def answered(response: dict[str, Value]) -> Answered | Failure:
    """Read the response to `answer`; raises BadResponse. The evaluator reads the answers."""
    if "error" in response:
        return _failure(response)
    _exactly(response, {"answers"})
    answers = response["answers"]
    if type(answers) is not dict:
        raise BadResponse("answers that are no dict")
    _exactly(answers, {"eager", "graph", "layers", "failed", "description"})
    failed = None if answers["failed"] is None else _text(answers, "failed")
    known = {name: answers[name] for name in ("eager", "graph", "layers")}
    return Answered(known, failed, answers["description"])


def _failure(response: dict[str, Value]) -> Failure:
    _exactly(response, {"error"})
    error = response["error"]
    flags = ("not_attempted", "blocked", "memory")
    texts = ("type", "message", "line", "traceback")
    if type(error) is not dict:
        raise BadResponse("an error that is no dict")
    _exactly({**error, "id": 0}, {*flags, *texts, "bases"})
    bases = error["bases"]
    if type(bases) is not list or not all(type(base) is str for base in bases):
        raise BadResponse("the bases of an error are no list of names")
    if not all(type(error[flag]) is bool for flag in flags):
        raise BadResponse("a flag that is neither true nor false")
    return Failure(
        type=_text(error, "type"),
        bases=tuple(base[:_LONGEST_TEXT] for base in bases),
        message=_text(error, "message"),
        line=_text(error, "line"),
        traceback=_text(error, "traceback"),
        not_attempted=error["not_attempted"],
        blocked=error["blocked"],
        memory=error["memory"],
    )


def _text(response: dict[str, Value], name: str) -> str:
    if type(response[name]) is not str:
        raise BadResponse(f"{name} is no text")
    return str(response[name])[:_LONGEST_TEXT]


def _exactly(response: dict[str, Value], names: set[str]) -> None:
    if set(response) - {"id"} != names:
        raise BadResponse(f"an answer with {sorted(map(str, response))[:8]}")
