"""A student worker's answers, read strictly: its process runs student code and may say anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.errors import BadResponse
from autograder.notebooks import outputs
from autograder.notebooks.outputs import Output
from autograder.wire import Value
from autograder.worker.cells import CellReport

_MOST_NAMES = 10_000
_LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Loaded:
    """How the cells ran, which functions there are, and what each cell showed where recorded."""

    reports: tuple[CellReport, ...]
    functions: frozenset[str]
    shown: tuple[list[Output], ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception of the student's, as text."""

    type: str
    message: str
    line: str
    traceback: str
    not_attempted: bool
    blocked: bool
    memory: bool


@dataclass(frozen=True, slots=True)
class Called:
    """What a function returned: a value, or the handle of a live model.

    `handles` tells for each argument which live model it was, None for plain values.
    """

    value: Value
    model: int | None
    handles: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A model's description, or why it has none."""

    description: Value
    refused: str | None


def loaded(answer: dict[str, Value], cells: int) -> Loaded:
    """Read the answer to `load` of this many cells; raises BadReply."""
    _exactly(answer, {"reports", "functions", "shown"})
    reports, names = answer["reports"], answer["functions"]
    if type(reports) is not list or type(names) is not list or len(names) > _MOST_NAMES:
        raise BadResponse("a list of reports and one of names are expected")
    if not all(type(name) is str for name in names):
        raise BadResponse("names that are no text")
    if len(reports) != cells:
        raise BadResponse("one report for each cell is expected")
    try:
        shown = () if answer["shown"] is None else outputs.read_each(answer["shown"], cells)
        return Loaded(tuple(map(CellReport.from_value, reports)), frozenset(names), shown)
    except ValueError as error:
        raise BadResponse(str(error)) from None


def called(answer: dict[str, Value], arguments: int) -> Called | Failure:
    """Read the answer to `call` with this many arguments; raises BadReply."""
    if "error" in answer:
        return _failure(answer)
    _exactly(answer, {"model" if "model" in answer else "value", "handles"})
    handles, model = answer["handles"], answer.get("model")
    if type(handles) is not list or len(handles) != arguments:
        raise BadResponse("one handle for each argument is expected")
    if not all(handle is None or _is_handle(handle) for handle in (*handles, model)):
        raise BadResponse("a handle that is no number")
    return Called(answer.get("value"), model, tuple(handles))


def described(answer: dict[str, Value]) -> Described | Failure:
    """Read the answer to `describe`; raises BadReply."""
    if "error" in answer:
        return _failure(answer)
    if "refused" in answer:
        _exactly(answer, {"refused"})
        return Described(None, _text(answer, "refused"))
    _exactly(answer, {"description"})
    return Described(answer["description"], None)


def _failure(answer: dict[str, Value]) -> Failure:
    _exactly(answer, {"error"})
    error = answer["error"]
    flags = ("not_attempted", "blocked", "memory")
    texts = ("type", "message", "line", "traceback")
    if type(error) is not dict:
        raise BadResponse("an error that is no dict")
    _exactly({**error, "id": 0}, {*flags, *texts})
    if not all(type(error[flag]) is bool for flag in flags):
        raise BadResponse("a flag that is neither true nor false")
    return Failure(
        type=_text(error, "type"),
        message=_text(error, "message"),
        line=_text(error, "line"),
        traceback=_text(error, "traceback"),
        not_attempted=error["not_attempted"],
        blocked=error["blocked"],
        memory=error["memory"],
    )


def _is_handle(value: Any) -> bool:
    return type(value) is int and 0 <= value < _MOST_NAMES


def _text(answer: dict[str, Value], name: str) -> str:
    if type(answer[name]) is not str:
        raise BadResponse(f"{name} is no text")
    return str(answer[name])[:_LONGEST_TEXT]


def _exactly(answer: dict[str, Value], names: set[str]) -> None:
    if set(answer) - {"id"} != names:
        raise BadResponse(f"an answer with {sorted(map(str, answer))[:8]}")
