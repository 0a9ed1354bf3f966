"""Real models, described, rebuilt and asked as the grader does it, all in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pytest

from autograder.model.describing.describe import describe, read_model
from autograder.model.describing.live_answers import live_answers
from autograder.proxies.in_process import LocalEvaluator
from autograder.proxies.protocols import CallRequest
from autograder.proxies.responses import Answered, Called, Described, Failure
from autograder.proxies.student import Model, Student
from autograder.worker.cells import CellReport

Proxy = Callable[[keras.Model], Model]


@dataclass(frozen=True, slots=True)
class Holder:
    """Takes the place of a student's worker and holds a live model."""

    model: keras.Model
    generation: int = 0
    reports: tuple[CellReport, ...] = ()
    notes: list[str] = field(default_factory=list)

    def functions(self) -> frozenset[str]:
        return frozenset()

    def call(self, request: CallRequest) -> Called | Failure:
        raise NotImplementedError(request)

    def open(self, file: str) -> Called | Failure | None:
        raise NotImplementedError(file)

    def describe(
        self, function: str, handle: int, input_shape: tuple[int | None, ...] | None
    ) -> Described | Failure:
        del function, handle, input_shape
        return Described(describe(self.model), None)

    def answer(
        self, function: str, handle: int, inputs: Sequence[np.ndarray[Any, Any]]
    ) -> Answered | Failure:
        del function, handle
        answers = live_answers(self.model, read_model(self.model), inputs)
        return Answered({name: answers[name] for name in ("eager", "graph", "layers")}, None)


@pytest.fixture(scope="session")
def proxy() -> Proxy:
    """A function of a Keras model: the proxy that a check gets for it."""

    def make(model: keras.Model) -> Model:
        owner = Student(Holder(model), LocalEvaluator(), seed=0)
        return Model(owner, 0, "build_model").refresh()

    return make
