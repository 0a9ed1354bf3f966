"""The student worker: it runs a submission's cells and functions and describes its models."""

from __future__ import annotations

import hashlib
import importlib
import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from autograder.errors import BadFrame, UndescribableModel
from autograder.model import keras_internals
from autograder.sandbox.channel import Channel
from autograder.wire import Value, encode
from autograder.worker import one_process, seeds, stubs
from autograder.worker.cells import Cell
from autograder.worker.failure import failure
from autograder.worker.live_objects import LiveObjects
from autograder.worker.recorder import Recorder
from autograder.worker.reused_names import is_function
from autograder.worker.serving import respond
from autograder.worker.shell import Shell
from autograder.worker.values import as_bytes, to_value

# An operator works on more than the classes that define its method: `in` only needs an iterator.
_OPERATORS: Mapping[str, Callable[..., Any]] = {
    "__len__": len,
    "__iter__": iter,
    "__getitem__": operator.getitem,
    "__contains__": operator.contains,
}


@dataclass(slots=True)
class StudentWorker:
    """Responds to the requests load, call, open, describe and answer about a submission."""

    shell: Shell
    entropy: seeds.Entropy
    live: LiveObjects = field(default_factory=LiveObjects)
    _reading: tuple[int, Any] = (-1, None)  # of the model that was described last

    def handle(self, request: dict[str, Value]) -> dict[str, Value]:
        """Return the response to a request; an exception of student code is part of a response."""
        operation = request.get("op")
        if operation == "load":
            return self._load(request)
        if operation == "call":
            return self._call(request)
        if operation == "open":
            return self._open(request["path"])
        if operation == "describe":
            return self._describe(request["model"], request.get("input_shape"))
        if operation == "answer":
            return self._answer(request["model"], request["inputs"])
        raise ValueError(f"no such request: {operation!r}")

    def _load(self, request: dict[str, Value]) -> dict[str, Value]:
        seeds.restart(self.entropy, request["seed"])
        cells = [Cell.from_value(cell) for cell in request["cells"]]
        recorder = Recorder() if request.get("record") else None
        reports = self.shell.run(
            cells,
            cell_seconds=request["cell_seconds"],
            total_seconds=request["total_seconds"],
            waiting=request.get("waiting", 1.0),
            recorder=recorder,
            released=request.get("released") or (),
        )
        names = [name for name, value in self.shell.namespace.items() if callable(value)]
        names += [name for name in self.shell.answers if name not in names]
        return {
            "reports": [report.to_value() for report in reports],
            "functions": [name for name in names if not name.startswith("_")],
            "shown": None if recorder is None else as_bytes(recorder.to_json()),
        }

    def _call(self, request: dict[str, Value]) -> dict[str, Value]:
        self.live.drop(request["drop"])
        stubs.hide()  # an earlier call may have imported Colab's package
        if request["seed"] is not None:
            seeds.restart(self.entropy, request["seed"])
        if "keras" in sys.modules:
            keras_internals.clear_name_scopes()  # an exception in an earlier call leaves them open
        try:
            described = [self.live.keep(model) for model in _built(request["descriptions"])]
            arguments = [self.live.resolve(value, described) for value in request["args"]]
            named = self.live.resolve(request["named"], described)
            before = [_frame(value) for value in arguments] if request["watch"] else []
            result = self._target(request)(*arguments, **named)
            return {
                "value": to_value(result, self.live.keep),
                "built": [handle.number for handle in described],
                "changed": [
                    place
                    for place, (old, new) in enumerate(zip(before, arguments, strict=False))
                    if old is not None and old != _frame(new)
                ],
            }
        except BaseException as error:  # SystemExit and KeyboardInterrupt as well
            return {"error": failure(error)}

    def _target(self, request: dict[str, Value]) -> Callable[..., Any]:
        """Return what a request calls: a function of the notebook, or something of an object."""
        name, number = request["name"], request["on"]
        if number is None:
            return self.function(name)
        thing = self.live[number]
        if name in _OPERATORS:
            return partial(_OPERATORS[name], thing)
        if request["access"] == "get":
            return partial(getattr, thing, name)
        if request["access"] == "next":
            return lambda: list(islice(thing, 1))
        method: Callable[..., Any] = getattr(thing, name)
        return method

    def function(self, name: str) -> Callable[..., Any]:
        """Return the function of this name; a later cell may have given its name to data."""
        answers = self.shell.answers
        if name in answers and not is_function(self.shell.namespace.get(name)):
            function: Callable[..., Any] = answers[name]
        else:
            function = self.shell.namespace[name]
        return function

    def _open(self, path: str) -> dict[str, Value]:
        """Have Keras open a saved model: its file is as untrusted as the code beside it."""
        from autograder.worker import keras_models

        try:
            model = keras_models.opened(path)
            return {"value": self.live.keep(model), "built": [], "changed": []}
        except BaseException as error:  # a file may name classes of the student's own
            return {"error": failure(error)}

    def _describe(self, handle: int, input_shape: Value) -> dict[str, Value]:
        from autograder.worker import keras_models

        shape = None if input_shape is None else tuple(input_shape)
        try:
            reading = keras_models.read(self.live[handle], shape)
            self._reading = (handle, reading)
            return {"description": reading.description}
        except UndescribableModel as error:
            return {"refused": str(error)}
        except BaseException as error:  # a model may hold student code: anything can happen
            return {"error": failure(error)}

    def _answer(self, handle: int, inputs: list[Value]) -> dict[str, Value]:
        """Have the model that was described last predict for a few rows."""
        from autograder.worker import keras_models

        described, reading = self._reading
        self._reading = (-1, None)
        if described != handle:
            raise ValueError(f"model {handle} was not described just now")
        try:
            return {"answers": keras_models.answers(self.live[handle], reading, inputs)}
        except BaseException as error:  # the model runs student code: anything can happen
            return {"error": failure(error)}


def _built(descriptions: list[Value]) -> Iterator[Any]:
    """Yield the model of each description; without any, Keras need not be there."""
    if descriptions:
        from autograder.worker import keras_models

        yield from map(keras_models.built, descriptions)


def _frame(value: Any) -> bytes | None:
    """Return a digest of a plain value; None for a value with live objects in it."""
    digest = hashlib.sha256()
    try:
        for part in encode(value):
            digest.update(part)
    except BadFrame:
        return None
    return digest.digest()


def serving() -> Callable[[Channel], None]:
    """Make the shell and import Keras before the fork; return what serves after the fork."""
    importlib.import_module("autograder.worker.keras_models")
    shell = Shell()

    def serve(channel: Channel) -> None:
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
        one_process.take_over()
        respond(channel, StudentWorker(shell, seeds.take_over()).handle)

    return serve
