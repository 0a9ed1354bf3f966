"""Real models, described, rebuilt and asked as the grader does it, all in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import pytest

from autograder.model.describing import describe
from autograder.proxies.in_process import LocalEvaluator
from autograder.proxies.protocols import CallRequest
from autograder.proxies.responses import Called, Described, Failure
from autograder.proxies.student import Model, Student
from autograder.worker.cells import CellReport

Proxy = Callable[[keras.Model], Model]


@dataclass(frozen=True, slots=True)
class Holder:
    """Takes the place of a student's worker and holds a live model."""

    model: keras.Model
    generation: int = 0
    reports: tuple[CellReport, ...] = ()

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
        return Described(describe.describe(self.model), None)


@pytest.fixture(scope="session")
def proxy() -> Proxy:
    """A function of a Keras model: the proxy that a check gets for it."""

    def make(model: keras.Model) -> Model:
        owner = Student(Holder(model), LocalEvaluator(), seed=0)
        return Model(owner, 0, "build_model").refresh()

    return make
