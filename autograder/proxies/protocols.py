"""What proxies call: where a student's functions run, and where models predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from autograder.proxies.responses import Answered, Called, Described, Failure
from autograder.wire import Value
from autograder.worker.cells import CellReport


@dataclass(frozen=True, slots=True)
class CallRequest:
    """One call in the student's process.

    `access` is "call" for the function or method `name`, "get" for the attribute `name`, and "next"
    for the next item of an iterator. `on` is the number of the live object that has it, None for a
    function of the notebook. `function` is the function that a student reads of in a message, and
    whose time is limited. `arguments` and `named` hold handles in place of live objects;
    `descriptions` are of the models that do not live there yet. All generators are put back to
    `seed` before the call, unless it is None. The process lets go the objects in `dropped`. With
    `watch` the response names the arguments that the call changed in place.
    """

    function: str
    name: str
    arguments: tuple[Value, ...] = ()
    named: Mapping[str, Value] = field(default_factory=dict)
    descriptions: tuple[Value, ...] = ()
    on: int | None = None
    access: str = "call"
    seed: int | None = None
    dropped: tuple[int, ...] = ()
    watch: bool = False

    def to_value(self) -> dict[str, Value]:
        """Return the request as it crosses."""
        return {
            "op": "call",
            "access": self.access,
            "on": self.on,
            "name": self.name,
            "args": list(self.arguments),
            "named": dict(self.named),
            "descriptions": list(self.descriptions),
            "seed": self.seed,
            "drop": list(self.dropped),
            "watch": self.watch,
        }


class Backend(Protocol):
    """Where a student's functions run: a confined worker, or this process."""

    @property
    def notes(self) -> list[str]:
        """Sentences for the student that belong to no check; more may be added."""

    @property
    def generation(self) -> int:
        """Counts restarts: live objects of an earlier generation are gone."""

    def functions(self) -> frozenset[str]:
        """Return the names of the functions the submission defines; raises StudentError."""

    @property
    def reports(self) -> tuple[CellReport, ...]:
        """How each cell ran; empty before the cells have run."""

    def call(self, request: CallRequest) -> Called | Failure:
        """Call a function of the student's, or something of an object that it returned.

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

    def answer(
        self, function: str, handle: int, inputs: Sequence[np.ndarray[Any, Any]]
    ) -> Answered | Failure:
        """Have the model that was described last predict for `inputs`, rows for each input.

        Raises StudentError without a response.
        """


class Evaluator(Protocol):
    """Where models are rebuilt and predict."""

    @property
    def generation(self) -> int:
        """Counts restarts: models rebuilt in an earlier generation are gone."""

    def ask(self, request: dict[str, Value]) -> dict[str, Value]:
        """Return the response; raises StudentError when a model exceeds an evaluator's limits."""
