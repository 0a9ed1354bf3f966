"""The proxy of a student's model: it shows what the evaluator rebuilt from a description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from autograder.errors import StudentError
from autograder.model.facts import Facts, Layer
from autograder.proxies.discretion import MODEL, Discretion
from autograder.proxies.failures import refusal_by_grader, refusal_by_worker, student_error
from autograder.proxies.probe_rows import GivenRows, draw, sizes_of
from autograder.proxies.protocols import Backend, Evaluator
from autograder.proxies.responses import Answered, Failure
from autograder.result import Outcome
from autograder.wire import Value

__all__ = ["Model"]

_MOST_NUMBERS = 1 << 20  # of an input with its gradient, so that the tape stays small
_UNCOMPARED = (
    "Your model could not predict for a few rows like those that its functions were given, so the "
    "grader could not compare its predictions with what it reads from the layers"
)


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    handle: int
    generation: int
    facts: Facts


class Owner(Protocol):
    """The student in whose process a model is live."""

    backend: Backend
    evaluator: Evaluator
    seed: int
    given: GivenRows
    discretion: Discretion

    def has_changed(self, model: Model) -> None:
        """Remember that a live model has to be read before anything else runs beside it."""

    def read_changed(self, but: Model | None = None) -> None:
        """Read the models that calls have changed, except `but`."""

    def read(self, model: Model) -> None:
        """Read one live model."""


class Model:
    """A student's model, read from what the evaluator rebuilt of it.

    `train` changes the live model. The proxy reads the live model again when a check asks the
    proxy for something, at the latest before the next function runs in the student's process: it
    shows the model as the call left it.
    """

    def __init__(self, owner: Owner, handle: int, function: str) -> None:
        self._owner, self._function = owner, function
        self._handle = handle
        self._generation = owner.backend.generation
        self._description: Value = None
        self._probe: Value = None
        self._input_shape: tuple[int | None, ...] | None = None
        self._rebuilt: _Rebuilt | None = None
        self._refusal: StudentError | None = None
        self._is_unread = False

    @property
    def graph(self) -> Facts:
        """Layers, nodes and shapes of the rebuilt model."""
        return self._read().facts

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, nested models flattened."""
        return self.graph.layers

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of the only input, batch axis first."""
        return _only(self.graph.input_shapes, "input")

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape of the only output, batch axis first."""
        return _only(self.graph.output_shapes, "output")

    @property
    def weights(self) -> list[np.ndarray[Any, Any]]:
        """All weights as they are now, layer by layer."""
        return self._weights("all")

    @property
    def trainable_weights(self) -> list[np.ndarray[Any, Any]]:
        """The weights that training may change, as they are now."""
        return self._weights("trainable")

    def count_params(self) -> int:
        """Return the number of parameters, trainable or not, and of numbers that are no weights."""
        return self.graph.params + self.graph.constants

    def predict(
        self, *inputs: np.ndarray[Any, Any], shake: int | None = None
    ) -> np.ndarray[Any, Any]:
        """Return the rebuilt model's prediction for each row of `inputs`, in inference mode.

        `inputs` are arrays (n, ...), one for each input of the model; the result is (n, ...).
        `shake` is the index of a layer whose weights are replaced by noise for this prediction:
        an output that does not depend on the layer stays the same. Raises StudentError for a model
        of several outputs, or one that cannot predict.
        """
        outputs = self._outputs(inputs, shake=shake)
        if len(outputs) != 1:
            raise StudentError(Outcome.FAILED, f"one output is expected, yours has {len(outputs)}")
        return outputs[0]

    def activations(self, x: np.ndarray[Any, Any], node: int) -> np.ndarray[Any, Any]:
        """Return the output of graph node number `node` for `x`, (n, ...) each."""
        return self._outputs((x,), node=node)[0]

    def loss_gradient(
        self, x: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]
    ) -> np.ndarray[Any, Any]:
        """Return how the rebuilt model's mean cross-entropy at the last step changes with `x`.

        The gradient has the shape of `x`, (n, ...): floats for the model's only input, at most
        2**20 numbers. `labels` are n integers. The model returns probabilities, (n, classes) or
        (n, steps, classes); the loss is the mean over the rows of -log(p), p the probability of the
        row's label at the last step, in inference mode. Raises ValueError for other arguments, and
        StudentError for a model that has no such loss.

            norms = np.sqrt((model.loss_gradient(x, y[:, -1]) ** 2).sum(axis=(0, 2)))
        """
        _expect_rows(x, labels)
        request = {
            "op": "loss_gradient",
            "model": self._read().handle,
            "x": x,
            "labels": labels,
        }
        response = self._owner.evaluator.ask(request)
        if "error" in response:
            raise StudentError(
                Outcome.FAILED,
                "Your model has no cross-entropy at its last step. Does it take one array, and "
                "return a probability for each class?",
                str(response["error"]),
            )
        gradient: np.ndarray[Any, Any] = response["gradient"]
        return gradient

    def _outputs(
        self, inputs: tuple[np.ndarray[Any, Any], ...], **options: int | None
    ) -> list[np.ndarray[Any, Any]]:
        rebuilt = self._read()
        request = {
            "op": "predict",
            "model": rebuilt.handle,
            "inputs": list(inputs),
            "seed": self._owner.seed,
            **options,
        }
        response = self._owner.evaluator.ask(request)
        if "depends" in response:
            raise StudentError(
                Outcome.FAILED,
                "What your model predicts for one row depends on the other rows it is given with. "
                "Take what you scale by from the training data, not from the batch.",
            )
        if "error" in response:
            raise StudentError(
                Outcome.FAILED,
                "Your model could not predict for these inputs. Does it accept them as they come?",
                str(response["error"]),
            )
        outputs: list[np.ndarray[Any, Any]] = response["outputs"]
        return outputs

    def refresh(self, input_shape: tuple[int | None, ...] | None = None) -> Model:
        """Read the live model now; `input_shape` (without batch) builds it where it is unbuilt.

        Raises StudentError where the worker no longer answers. A model that cannot be described
        keeps its refusal until a check asks the proxy for something.
        """
        self._owner.read_changed(but=self)
        if self._generation == self._owner.backend.generation:
            try:
                self.read_live(input_shape)
            except StudentError as error:
                if self._is_unread:
                    self.lose(error)
                raise
        return self

    @property
    def is_unread(self) -> bool:
        """Whether the live model may have changed since it was last described."""
        return self._is_unread

    def changed(self) -> Model:
        """Have the live model read when it is needed, no longer shown as it was before."""
        self._is_unread = True
        self._owner.has_changed(self)
        return self

    def read_live(self, input_shape: tuple[int | None, ...] | None = None) -> None:
        """Have the live model described; raises StudentError where the worker does not respond."""
        self._input_shape = input_shape or self._input_shape
        response = self._owner.backend.describe(self._function, self._handle, input_shape)
        self._is_unread = False
        self._rebuilt, self._refusal, self._description, self._probe = None, None, None, None
        if isinstance(response, Failure):
            self._refusal = student_error(MODEL, response, self._owner.discretion)
        elif response.refused is not None:
            self._refusal = refusal_by_worker(
                self._function, response.refused, self._owner.discretion
            )
        else:
            self._description = response.description
            self._probe = self._answers()

    def _answers(self) -> Value:
        """Have the live model predict for a few rows; return rows and answers, None without."""
        owner = self._owner
        rows = draw(self._description, owner.given, owner.seed, self._input_shape)
        if not rows:
            return None
        response = owner.backend.answer(self._function, self._handle, rows)
        failed = response.message if isinstance(response, Failure) else response.failed
        if isinstance(response, Answered) and response.description is not None:
            self._description = response.description
        if failed is not None:
            self._note(f"{_UNCOMPARED}{self._owner.discretion.because(failed)}.")
        return None if isinstance(response, Failure) else {**response.answers, "inputs": rows}

    def _note(self, sentence: str) -> None:
        if sentence not in self._owner.backend.notes:
            self._owner.backend.notes.append(sentence)

    def lose(self, error: StudentError) -> None:
        """Raise `error` for whatever is asked from now on: the live model cannot be read."""
        self._is_unread, self._refusal = False, error

    def lives_with(self, user: Owner) -> int | None:
        """Return the number of the live model in the process of `user`, None where it is not."""
        here = user is self._owner and self._generation == user.backend.generation
        return self._handle if here else None

    def description(self) -> Value:
        """Return the description of the model; raises StudentError where it has none."""
        self._ensure_read()
        if self._refusal is not None:
            raise self._refusal
        return self._description

    def is_of(self, user: Owner) -> bool:
        """Tell whether a function of this submission was the last that had the model."""
        return user is self._owner

    def moved_to(self, user: Owner, handle: int) -> None:
        """Follow the model into another worker, where it is live from now on."""
        self._owner, self._handle = user, handle
        self._generation = user.backend.generation

    def _ensure_read(self) -> None:
        if self._is_unread:
            self._owner.read(self)

    def _read(self) -> _Rebuilt:
        self._ensure_read()
        if self._refusal is not None:
            raise self._refusal
        evaluator = self._owner.evaluator
        if self._rebuilt is None or self._rebuilt.generation != evaluator.generation:
            sizes = sizes_of(self._description, self._owner.given, self._input_shape)
            request = {
                "op": "load",
                "description": self._description,
                "probe": self._probe,
                "sizes": sizes,
            }
            response = evaluator.ask(request)
            if "refused" in response:
                refused, plain = response["refused"], response["plain"]
                self._refusal = refusal_by_grader(refused, plain, self._owner.discretion)
                raise self._refusal
            if response["note"] is not None:
                hidden = self._owner.discretion.is_hidden
                self._note(response["plain"] if hidden else response["note"])
            facts = Facts.from_value(response["facts"])
            self._rebuilt = _Rebuilt(response["model"], evaluator.generation, facts)
        return self._rebuilt

    def _weights(self, which: str) -> list[np.ndarray[Any, Any]]:
        request = {"op": "weights", "model": self._read().handle, "which": which}
        arrays: list[np.ndarray[Any, Any]] = self._owner.evaluator.ask(request)["weights"]
        return arrays


def _expect_rows(x: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> None:
    if x.dtype.kind != "f" or not 0 < x.size <= _MOST_NUMBERS:
        raise ValueError(f"x holds 1 to {_MOST_NUMBERS:,} floats, not {x.size:,} of {x.dtype}")
    if labels.dtype.kind not in "iu" or labels.shape != x.shape[:1]:
        raise ValueError(
            f"labels are {len(x)} integers, one for each row of x, not an array of {labels.dtype} "
            f"of the shape {labels.shape}"
        )


def _only(shapes: tuple[tuple[int | None, ...], ...], what: str) -> tuple[int | None, ...]:
    if len(shapes) != 1:
        raise StudentError(
            Outcome.FAILED, f"Your model has {len(shapes)} {what}s, one is expected."
        )
    return shapes[0]
