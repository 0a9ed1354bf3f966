"""Both workers behind the proxies in this very process: how a student checks before handing in.

Nothing is confined here, for it is the student's own machine. Values cross as they do while
grading, and models are read by the grader's own reader, so that a refusal shows before the
deadline.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder import wire
from autograder.proxies.protocols import CallRequest
from autograder.proxies.responses import (
    Answered,
    Called,
    Described,
    Failure,
    answered,
    called,
    described,
    loaded,
)
from autograder.wire import Value
from autograder.worker.cells import CellReport
from autograder.worker.student import StudentWorker

if TYPE_CHECKING:
    from autograder.worker.evaluator import EvaluatorWorker

__all__ = ["LocalEvaluator", "LocalStudent"]

_NO_LIMIT = 1e9  # seconds


def _cross(value: Value) -> Value:
    """Return what arrives on the other side of a wire."""
    stream = io.BytesIO(b"".join(wire.encode(value)))
    # Of a bytearray arrays are writable, as they are beyond a socket.
    return wire.decode(lambda size: bytearray(stream.read(size)))


@dataclass(slots=True)
class LocalStudent:
    """Calls the student's functions in this process; models are opened in `folder`."""

    worker: StudentWorker
    folder: Path = Path()
    reports: tuple[CellReport, ...] = ()
    generation: int = 0
    notes: list[str] = field(default_factory=list)
    _functions: frozenset[str] = field(default=frozenset())

    def load(self, cells: list[dict[str, Any]], seed: int, released: Sequence[str] = ()) -> None:
        """Run all cells in order; `released` are the names of the exercise's files."""
        limits = {"cell_seconds": _NO_LIMIT, "total_seconds": _NO_LIMIT}
        request = {"op": "load", "cells": cells, "seed": seed, "released": list(released)} | limits
        response = loaded(self._ask(request), len(cells))
        self.reports, self._functions = response.reports, response.functions

    def functions(self) -> frozenset[str]:
        """Return the names of the functions that the notebook defines."""
        return self._functions

    def call(self, request: CallRequest) -> Called | Failure:
        """Call one function."""
        return called(self._ask(request.to_value()), len(request.descriptions))

    def open(self, file: str) -> Called | Failure | None:
        """Open a model beside the notebook; None where there is none."""
        path = self.folder / file
        if not path.is_file():
            return None
        return called(self._ask({"op": "open", "path": str(path)}), 0)

    def describe(
        self, function: str, handle: int, input_shape: tuple[int | None, ...] | None
    ) -> Described | Failure:
        """Describe a live model."""
        del function  # only a confined worker counts which function was too slow
        shape = None if input_shape is None else list(input_shape)
        return described(self._ask({"op": "describe", "model": handle, "input_shape": shape}))

    def answer(
        self, function: str, handle: int, inputs: Sequence[np.ndarray[Any, Any]]
    ) -> Answered | Failure:
        """Have the model that was described last predict."""
        del function
        return answered(self._ask({"op": "answer", "model": handle, "inputs": list(inputs)}))

    def _ask(self, request: dict[str, Value]) -> dict[str, Value]:
        response: dict[str, Value] = _cross(self.worker.handle(_cross(request)))
        return response


@dataclass(slots=True)
class LocalEvaluator:
    """Rebuilds models in this process; imports TensorFlow when it is asked for the first time."""

    evaluator: EvaluatorWorker | None = None
    generation: int = 0

    def ask(self, request: dict[str, Value]) -> dict[str, Value]:
        """Return the evaluator's response."""
        if self.evaluator is None:
            from autograder.worker.evaluator import EvaluatorWorker

            self.evaluator = EvaluatorWorker()
        response: dict[str, Value] = _cross(self.evaluator.handle(_cross(request)))
        return response
