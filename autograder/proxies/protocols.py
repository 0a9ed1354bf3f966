"""The protocols of what proxies call: where a student's functions run, and where models predict."""

from __future__ import annotations

from typing import Protocol

from autograder.proxies.responses import Called, Described, Failure
from autograder.wire import Value
from autograder.worker.cells import CellReport


class Backend(Protocol):
    """Where a student's functions run: a confined worker, or this process."""

    @property
    def generation(self) -> int:
        """Counts restarts: live objects of an earlier generation are gone."""

    def functions(self) -> frozenset[str]:
        """Return the names of the functions the submission defines; raises StudentError."""

    @property
    def reports(self) -> tuple[CellReport, ...]:
        """How each cell ran; empty before the cells have run."""

    def call(self, function: str, arguments: list[dict[str, Value]], seed: int) -> Called | Failure:
        """Call a function of the student's with all generators put back to `seed`.

        Raises StudentError when no response comes.
        """

    def open(self, file: str) -> Called | Failure | None:
        """Open the trained model that was handed in as `file`; None where there is none.

        Raises StudentError when no response comes.
        """

    def describe(
        self, function: str, handle: int, input_shape: tuple[int | None, ...] | None
    ) -> Described | Failure:
        """Describe a live model that `function` made; raises StudentError without a response."""


class Evaluator(Protocol):
    """Where models are rebuilt and predict."""

    @property
    def generation(self) -> int:
        """Counts restarts: models rebuilt in an earlier generation are gone."""

    def ask(self, request: dict[str, Value]) -> dict[str, Value]:
        """Return the response; raises StudentError when a model exceeds an evaluator's limits."""
