"""Reads a student worker's responses strictly: student code may make it send anything."""

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
    """How the cells ran, which functions they define, and what each cell showed where recorded."""

    reports: tuple[CellReport, ...]
    functions: frozenset[str]
    shown: tuple[list[Output], ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that the student's code raised, as text; `line` is the code's own line."""

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

    `handles` holds the live model's handle for each argument, None for a plain value.
    """

    value: Value
    model: int | None
    handles: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A model's description, or why it has none."""

    description: Value
    refused: str | None


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


def called(response: dict[str, Value], arguments: int) -> Called | Failure:
    """Read the response to `call` with this many arguments; raises BadResponse."""
    if "error" in response:
        return _failure(response)
    _exactly(response, {"model" if "model" in response else "value", "handles"})
    handles, model = response["handles"], response.get("model")
    if type(handles) is not list or len(handles) != arguments:
        raise BadResponse("one handle for each argument is expected")
    if not all(handle is None or _is_handle(handle) for handle in (*handles, model)):
        raise BadResponse("a handle that is no number")
    return Called(response.get("value"), model, tuple(handles))


def described(response: dict[str, Value]) -> Described | Failure:
    """Read the response to `describe`; raises BadResponse."""
    if "error" in response:
        return _failure(response)
    if "refused" in response:
        _exactly(response, {"refused"})
        return Described(None, _text(response, "refused"))
    _exactly(response, {"description"})
    return Described(response["description"], None)


def _failure(response: dict[str, Value]) -> Failure:
    _exactly(response, {"error"})
    error = response["error"]
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


def _text(response: dict[str, Value], name: str) -> str:
    if type(response[name]) is not str:
        raise BadResponse(f"{name} is no text")
    return str(response[name])[:_LONGEST_TEXT]


def _exactly(response: dict[str, Value], names: set[str]) -> None:
    if set(response) - {"id"} != names:
        raise BadResponse(f"an answer with {sorted(map(str, response))[:8]}")
