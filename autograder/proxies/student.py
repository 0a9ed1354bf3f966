"""The proxies a check talks to: `student.build_model(x)` runs far away and brings back a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.errors import StudentError
from autograder.model.facts import Facts, Layer
from autograder.proxies.protocols import Backend, Evaluator
from autograder.proxies.responses import Failure
from autograder.result import Outcome
from autograder.wire import Value


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    handle: int
    generation: int
    facts: Facts


class Model:
    """A student's model, read from what the evaluator rebuilt of it.

    `train` changes the live model; the proxy is then read again.
    """

    def __init__(self, owner: Student, handle: int, function: str) -> None:
        self._owner, self._function = owner, function
        self._handle = handle
        self._generation = owner.backend.generation
        self._description: Value = None
        self._rebuilt: _Rebuilt | None = None
        self._refusal: StudentError | None = None

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
        """The weights that training may move, as they are now."""
        return self._weights("trainable")

    def count_params(self) -> int:
        """Return the number of parameters, trainable or not, and of numbers in constant arrays."""
        return self.graph.params + self.graph.constants

    def predict(
        self, *inputs: np.ndarray[Any, Any], shake: int | None = None
    ) -> np.ndarray[Any, Any]:
        """Return the rebuilt model's prediction for each row of `inputs`, in inference mode.

        `shake` is the index of a layer whose weights are replaced by noise for this one time: what
        does not depend on the layer stays as it is.
        """
        outputs = self._outputs(inputs, shake=shake)
        if len(outputs) != 1:
            raise StudentError(Outcome.FAILED, f"one output is expected, yours has {len(outputs)}")
        return outputs[0]

    def activations(self, x: np.ndarray[Any, Any], node: int) -> np.ndarray[Any, Any]:
        """Return what node number `node` of the graph puts out for each row of `x`."""
        return self._outputs((x,), node=node)[0]

    def _outputs(
        self, inputs: tuple[np.ndarray[Any, Any], ...], **options: int | None
    ) -> list[np.ndarray[Any, Any]]:
        rebuilt = self._read()
        question = {
            "op": "predict",
            "model": rebuilt.handle,
            "inputs": list(inputs),
            "seed": self._owner.seed,
            **options,
        }
        answer = self._owner.evaluator.ask(question)
        if "depends" in answer:
            raise StudentError(
                Outcome.FAILED,
                "What your model predicts for one row depends on the other rows it is given with. "
                "Take what you scale by from the training data, not from the batch.",
            )
        if "error" in answer:
            raise StudentError(
                Outcome.FAILED,
                "Your model could not predict for these inputs. Does it accept them as they come?",
                str(answer["error"]),
            )
        outputs: list[np.ndarray[Any, Any]] = answer["outputs"]
        return outputs

    def refresh(self, input_shape: tuple[int | None, ...] | None = None) -> Model:
        """Read the live model again; `input_shape` (without batch) builds it where it is unbuilt.

        Raises StudentError where the worker no longer answers. A model that cannot be read keeps
        its refusal until something is asked of it.
        """
        if self._generation != self._owner.backend.generation:
            return self
        answer = self._owner.backend.describe(self._function, self._handle, input_shape)
        self._rebuilt, self._refusal, self._description = None, None, None
        if isinstance(answer, Failure):
            self._refusal = student_error("your model", answer)
        elif answer.refused is not None:
            self._refusal = StudentError(Outcome.REFUSED_MODEL, answer.refused)
        else:
            self._description = answer.description
        return self

    def as_argument(self, user: Student) -> dict[str, Value]:
        """Return how this model is passed to a function of `user`."""
        if user is self._owner and self._generation == user.backend.generation:
            return {"model": self._handle}
        if self._refusal is not None:
            raise self._refusal
        return {"build": self._description}

    def moved_to(self, user: Student, handle: int) -> None:
        """Follow the model into another worker, where it is live from now on."""
        self._owner, self._handle = user, handle
        self._generation = user.backend.generation

    def _read(self) -> _Rebuilt:
        if self._refusal is not None:
            raise self._refusal
        evaluator = self._owner.evaluator
        if self._rebuilt is None or self._rebuilt.generation != evaluator.generation:
            question = {"op": "load", "description": self._description}
            answer = evaluator.ask(question)
            if "refused" in answer:
                self._refusal = StudentError(Outcome.REFUSED_MODEL, answer["refused"])
                raise self._refusal
            facts = Facts.from_value(answer["facts"])
            self._rebuilt = _Rebuilt(answer["model"], evaluator.generation, facts)
        return self._rebuilt

    def _weights(self, which: str) -> list[np.ndarray[Any, Any]]:
        question = {"op": "weights", "model": self._read().handle, "which": which}
        arrays: list[np.ndarray[Any, Any]] = self._owner.evaluator.ask(question)["weights"]
        return arrays


class Student:
    """Stands for one submission: its functions are called as if they were here."""

    def __init__(self, backend: Backend, evaluator: Evaluator, seed: int) -> None:
        self.backend, self.evaluator, self.seed = backend, evaluator, seed
        self._returned: dict[str, Value] = {}

    def returned(self, name: str) -> Value:
        """Return the dict that the first call of function `name` returned, None without one."""
        return self._returned.get(name)

    @contextmanager
    def seeded(self, seed: int) -> Iterator[None]:
        """Call every function with `seed` for as long as this lasts."""
        usual, self.seed = self.seed, seed
        try:
            yield
        finally:
            self.seed = usual

    def has(self, name: str) -> bool:
        """Tell whether the submission defines this function."""
        return name in self.backend.functions()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*arguments: Any) -> Any:
            return self.call(name, *arguments)

        call.__name__ = name
        return call

    def call(self, name: str, *arguments: Any) -> Any:
        """Call one function and return its value, or the proxy of the model it returned.

        Raises StudentError for whatever kept it from answering.
        """
        if not self.has(name):
            raise self._missing(name)
        wrapped = [_argument(argument, self) for argument in arguments]
        answer = self.backend.call(name, wrapped, self.seed)
        if isinstance(answer, Failure):
            raise student_error(name, answer)
        self._follow(arguments, answer.handles)
        if isinstance(answer.value, dict):
            self._returned.setdefault(name, answer.value)
        return answer.value if answer.model is None else Model(self, answer.model, name)

    def pretrained(self, file: str) -> Model:
        """Return the trained model that was handed in under this name, which exercise.toml allows.

        Raises StudentError where there is none, or Keras cannot open it.
        """
        answer = self.backend.open(file)
        if answer is None:
            raise StudentError(
                Outcome.NOT_ATTEMPTED,
                f"There is no model `{file}` in what you handed in. Save the trained model with "
                f'`model.save("{file}")` and hand the file in beside the notebook.',
            )
        if isinstance(answer, Failure):
            first = "".join(answer.message.strip().splitlines()[:1])
            what = f"{answer.type}: {first}"
            raise StudentError(
                Outcome.REFUSED_MODEL,
                f"Keras could not open `{file}`. Was it saved whole, by Keras 3, with layers of "
                f"Keras's own? It said {what[:300]}",
                answer.traceback,
            )
        if answer.model is None:
            raise StudentError(Outcome.REFUSED_MODEL, f"`{file}` holds no model.")
        return Model(self, answer.model, file).refresh()

    def _missing(self, name: str) -> StudentError:
        broken = [r.index + 1 for r in self.backend.reports if r.error_type == "SyntaxError"]
        why = (
            f"Python cannot read code cell {broken[0]}, which has a syntax error: is it there?"
            if broken
            else "Keep the name and the cell that defines it."
        )
        message = f"There is no function `{name}` in what you handed in. {why}"
        return StudentError(Outcome.FAILED, message)

    def _follow(self, arguments: tuple[Any, ...], handles: tuple[int | None, ...]) -> None:
        for argument, handle in zip(arguments, handles, strict=True):
            if isinstance(argument, Model) and handle is not None:
                argument.moved_to(self, handle)
                argument.refresh()


def _argument(argument: Any, user: Student) -> dict[str, Value]:
    return argument.as_argument(user) if isinstance(argument, Model) else {"value": argument}


def _only(shapes: tuple[tuple[int | None, ...], ...], what: str) -> tuple[int | None, ...]:
    if len(shapes) != 1:
        raise StudentError(
            Outcome.FAILED, f"Your model has {len(shapes)} {what}s, one is expected."
        )
    return shapes[0]


def student_error(name: str, error: Failure) -> StudentError:
    """Return what a student is to read about an exception of theirs in function `name`."""
    if error.not_attempted:
        return StudentError(Outcome.NOT_ATTEMPTED, f"`{name}` is not written yet.", error.traceback)
    first = error.message.strip().splitlines()[:1]
    what = f"{error.type}: {first[0][:200]}" if first else error.type
    where = f" ({error.line})" if error.line else ""
    if error.memory:
        message = f"`{name}` asked for more memory than there is{where}."
        return StudentError(Outcome.OUT_OF_MEMORY, message, error.traceback)
    if error.blocked:
        message = (
            f"`{name}` tried to use the network or a file outside its own folder, which is closed "
            f"while grading{where}: {what}"
        )
        return StudentError(Outcome.BLOCKED, message, error.traceback)
    return StudentError(Outcome.CRASHED, f"`{name}` raised {what}{where}", error.traceback)
