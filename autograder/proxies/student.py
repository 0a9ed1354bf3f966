"""The proxy of a submission: `student.build_model(x)` runs far away and brings back a value.

model = student.build_model(x)      # a Model: its prediction, weights, layers and shapes
student.train(model, x, y)          # the Model now shows what `train` made of it
scaled = student.scale(x)           # numbers, text, arrays, lists and dicts arrive as values
words = student.Tokenizer(text)     # any other object is a StudentObject, reached by its methods
words.encode("a cat")
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from autograder.errors import StudentError
from autograder.proxies.calling import CallableByName
from autograder.proxies.discretion import Discretion
from autograder.proxies.failures import student_error
from autograder.proxies.model import Model
from autograder.proxies.objects import StudentObject
from autograder.proxies.packing import Packed, unpacked
from autograder.proxies.probe_rows import GivenRows
from autograder.proxies.protocols import Backend, CallRequest, Evaluator
from autograder.proxies.responses import Called, Failure
from autograder.result import Outcome
from autograder.text import quoted
from autograder.wire import Value

__all__ = ["Model", "Student", "StudentObject"]


class Student(CallableByName):
    """Stands for one submission: its functions are called as if they were here.

    `student.scale(x)` and `student.call("scale", x)` are the same. Arguments are plain values,
    arrays and Models; every call begins with all random generators put back to `seed`.
    """

    def __init__(
        self,
        backend: Backend,
        evaluator: Evaluator,
        seed: int,
        discretion: Discretion | None = None,
    ) -> None:
        self.backend, self.evaluator, self.seed = backend, evaluator, seed
        self.discretion = discretion or Discretion()
        self.given = GivenRows()
        self._returned: dict[str, Value] = {}
        self._dropped: list[int] = []
        self._changed: list[weakref.ref[Model]] = []

    def returned(self, name: str) -> Value:
        """Return the dict that function `name` returned first; None without one for the student."""
        return self._returned.get(name)

    @contextmanager
    def seeded(self, seed: int) -> Iterator[None]:
        """Call every function with `seed` while this context lasts."""
        usual, self.seed = self.seed, seed
        try:
            yield
        finally:
            self.seed = usual

    def has(self, name: str) -> bool:
        """Tell whether the submission defines this function."""
        return name in self.backend.functions()

    def call(self, name: str, /, *arguments: Any, **named: Any) -> Any:
        """Call one function and return its value.

        Arguments and values are None, numbers, text, bytes, paths, arrays of numbers or text,
        Models, StudentObjects, and lists, tuples, sets and dicts of these. A path is one within the
        folder of the notebook. Raises StudentError where the function is missing, raises, or breaks
        a limit.
        """
        return self._call(name, arguments, named).value

    def call_watched(
        self, name: str, /, *arguments: Any, **named: Any
    ) -> tuple[Any, tuple[int, ...]]:
        """Call one function; return its value and the positions of the arguments it changed.

        An argument of plain values counts as changed where the call changed it in place. Raises
        what `call` raises.
        """
        called = self._call(name, arguments, named, watch=True)
        return called.value, called.changed

    def _call(
        self,
        name: str,
        arguments: tuple[Any, ...],
        named: Mapping[str, Any],
        *,
        watch: bool = False,
    ) -> Called:
        if not self.has(name):
            raise self._missing(name)
        request = CallRequest(name, name, seed=self.seed, watch=watch)
        called = self.ask_worker(request, arguments, named)
        if isinstance(called.value, dict) and not self.discretion.is_hidden:
            self._returned.setdefault(name, called.value)
        return called

    def ask_worker(
        self,
        request: CallRequest,
        arguments: tuple[Any, ...] = (),
        named: Mapping[str, Any] | None = None,
    ) -> Called:
        """Send a request with these arguments; return its value with proxies for live objects."""
        packed = Packed(self)
        values = tuple(packed.pack(argument) for argument in arguments)
        named_values = {key: packed.pack(value) for key, value in (named or {}).items()}
        if packed.has_foreign:
            self.discretion.hide()
        self.given.remember([*arguments, *(named or {}).values()])
        self.read_changed()
        dropped, self._dropped = tuple(self._dropped), []
        response = self.backend.call(
            replace(
                request,
                arguments=values,
                named=named_values,
                descriptions=tuple(packed.descriptions),
                dropped=dropped,
            )
        )
        if isinstance(response, Failure):
            raise student_error(request.function, response, self.discretion)
        packed.follow(response.built)
        return replace(response, value=unpacked(response.value, self, request.function))

    def let_go(self, generation: int, number: int) -> None:
        """Let the process forget a live object that no check holds any longer."""
        if generation == self.backend.generation:
            self._dropped.append(number)

    def pretrained(self, file: str) -> Model:
        """Return the trained model that was handed in under this name, which exercise.toml allows.

        Raises StudentError where there is none, or Keras cannot open it.
        """
        self.read_changed()
        response = self.backend.open(file)
        if response is None:
            raise StudentError(
                Outcome.NOT_ATTEMPTED,
                f"There is no model `{file}` in what you handed in. Save the trained model with "
                f'`model.save("{file}")` and hand the file in beside the notebook.',
            )
        if isinstance(response, Failure):
            raise StudentError(
                Outcome.REFUSED_MODEL,
                f"Keras could not open `{file}`. Was it saved whole, by Keras 3, with layers of "
                f"Keras's own? It said {self.discretion.raised(response)}",
                response.traceback,
            )
        model = unpacked(response.value, self, file)
        if not isinstance(model, Model):
            raise StudentError(Outcome.REFUSED_MODEL, f"`{file}` holds no model.")
        return model

    def _missing(self, name: str) -> StudentError:
        broken = [r for r in self.backend.reports if r.error_type == "SyntaxError"]
        why = (
            f"Python cannot read code cell {broken[0].index + 1}, which has a syntax error: is it "
            f"there? Python says: {quoted(broken[0].error_message or 'no more')}."
            if broken
            else "Keep the name and the cell that defines it."
        )
        message = f"There is no function `{name}` in what you handed in. {why}"
        return StudentError(Outcome.FAILED, message)

    def has_changed(self, model: Model) -> None:
        """Remember that a live model has to be read before anything else runs beside it."""
        self._changed.append(weakref.ref(model))

    def read_changed(self, but: Model | None = None) -> None:
        """Read the models that calls have changed, except `but` and those that no check holds."""
        for model in self._unread():
            if model is not but and model.is_unread:
                self.read(model)
        self._changed = [weakref.ref(model) for model in self._unread()]

    def read(self, model: Model) -> None:
        """Read one live model; where that ends the worker, all that are unread are lost with it.

        A lost model raises the StudentError of that fault for whatever is asked of it.
        """
        try:
            model.read_live()
        except StudentError as error:
            for lost in self._unread():
                lost.lose(error)

    def _unread(self) -> list[Model]:
        models = (reference() for reference in self._changed)
        return [model for model in models if model is not None and model.is_unread]
