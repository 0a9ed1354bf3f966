"""The student's side of the boundary: runs cells and functions, and says what came of it."""

from __future__ import annotations

import builtins
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

import keras

from autograder.errors import UndescribableModel
from autograder.model import keras_internals
from autograder.model.describing.describe import describe
from autograder.model.rebuilding.build import build
from autograder.model.rebuilding.parse import parse
from autograder.sandbox.channel import Channel
from autograder.wire import Value
from autograder.worker import seeds
from autograder.worker.answering import answer
from autograder.worker.cells import Cell
from autograder.worker.recorder import Recorder
from autograder.worker.shell import Shell
from autograder.worker.values import as_bytes, to_value

# The stub's own marker: Keras raises NotImplementedError too, for a layer without `call`.
NOT_ATTEMPTED = ("YOUR CODE HERE",)
_NO_ACCESS = (PermissionError,)
_TEXT = 2000


@dataclass(slots=True)
class StudentWorker:
    """Answers the questions load, call, open and describe about one submission."""

    shell: Shell
    entropy: seeds.Entropy
    models: list[keras.Model] = field(default_factory=list)

    def handle(self, question: dict[str, Value]) -> dict[str, Value]:
        """Return the answer to one question; what student code raises is part of an answer."""
        operation = question.get("op")
        if operation == "load":
            return self._load(question)
        if operation == "call":
            return self._call(question["name"], question["args"], question["seed"])
        if operation == "open":
            return self._open(question["path"])
        if operation == "describe":
            return self._describe(question["model"], question.get("input_shape"))
        raise ValueError(f"no such question: {operation!r}")

    def _load(self, question: dict[str, Value]) -> dict[str, Value]:
        seeds.restart(self.entropy, question["seed"])
        cells = [Cell.from_value(cell) for cell in question["cells"]]
        recorder = Recorder() if question.get("record") else None
        reports = self.shell.run(
            cells,
            cell_seconds=question["cell_seconds"],
            total_seconds=question["total_seconds"],
            recorder=recorder,
        )
        names = [name for name, item in self.shell.namespace.items() if callable(item)]
        return {
            "reports": [report.to_value() for report in reports],
            "functions": [name for name in names if not name.startswith("_")],
            "shown": None if recorder is None else as_bytes(recorder.to_json()),
        }

    def _call(self, name: str, arguments: list[dict[str, Value]], seed: int) -> dict[str, Value]:
        seeds.restart(self.entropy, seed)
        keras_internals.clear_name_scopes()  # an exception in an earlier call leaves them open
        try:
            handles = [self._handle(argument) for argument in arguments]
            values = [
                argument["value"] if handle is None else self.models[handle]
                for argument, handle in zip(arguments, handles, strict=True)
            ]
            result = self.shell.namespace[name](*values)
            if isinstance(result, keras.Model):
                return {"model": self._remember(result), "handles": handles}
            return {"value": to_value(result), "handles": handles}
        except BaseException as error:  # SystemExit and KeyboardInterrupt are theirs as well
            return {"error": failure(error)}

    def _open(self, path: str) -> dict[str, Value]:
        """Have Keras open a saved model: its file is as untrusted as the code beside it."""
        try:
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
            if not isinstance(model, keras.Model):
                raise TypeError(f"it holds a {type(model).__name__}, not a model")
            return {"model": self._remember(model), "handles": []}
        except BaseException as error:  # a file may name classes of the student's own
            return {"error": failure(error)}

    def _handle(self, argument: dict[str, Value]) -> int | None:
        if "build" in argument:
            return self._remember(build(parse(argument["build"])))
        return argument.get("model")

    def _remember(self, model: keras.Model) -> int:
        self.models.append(model)
        return len(self.models) - 1

    def _describe(self, handle: int, input_shape: Value) -> dict[str, Value]:
        shape = None if input_shape is None else tuple(input_shape)
        try:
            return {"description": describe(self.models[handle], shape)}
        except UndescribableModel as error:
            return {"refused": str(error)}
        except BaseException as error:  # a model may hold student code: anything can happen
            return {"error": failure(error)}


def failure(error: BaseException) -> dict[str, Value]:
    """Return what is to be known about an exception, as plain text."""
    chain = list(_causes(error))
    return {
        "type": type(error).__name__[:200],
        "message": _safe_text(error),
        "not_attempted": type(error) is NotImplementedError and error.args == NOT_ATTEMPTED,
        "blocked": any(_was_blocked(cause) for cause in chain),
        "memory": any(_is_memory(cause) for cause in chain),
        "line": _line(error),
        "traceback": "".join(traceback.format_exception(error, limit=-12))[-4000:],
    }


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found and len(found) < 16:
        found.append(following)
        following = following.__cause__ or following.__context__
    return found


def _was_blocked(error: BaseException) -> bool:
    return isinstance(error, _NO_ACCESS) or "URL fetch failure" in _safe_text(error)


def _is_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def _safe_text(error: BaseException) -> str:
    try:
        return builtins.str(error)[:_TEXT]
    except Exception:  # an exception class of the student's may fail to print itself
        return ""


def _line(error: BaseException) -> str:
    """Return the innermost line of the student's own code on the way to the exception."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Shell.owns(frame.filename)]
    return f"line {own[-1].lineno} in {own[-1].name}: {own[-1].line or ''}"[:300] if own else ""


def serving() -> Callable[[Channel], None]:
    """Prepare what may be prepared before the fork; return what serves after it."""
    shell = Shell()

    def serve(channel: Channel) -> None:
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
        answer(channel, StudentWorker(shell, seeds.take_over()).handle)

    return serve
