"""The live objects of a student's process that checks hold: models, and objects of any class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograder.wire import Handle, Value, map_leaves
from autograder.worker.keras_types import is_model

__all__ = ["LiveObjects"]


@dataclass(slots=True)
class LiveObjects:
    """Objects by the number under which a check names them; a number is given once."""

    _objects: dict[int, Any] = field(default_factory=dict)
    _next: int = 0

    def keep(self, thing: object) -> Handle:
        """Store an object until `drop`, and return its handle."""
        kind = "model" if is_model(thing) else "object"
        handle = Handle(kind, self._next, type(thing).__name__)
        self._objects[self._next] = thing
        self._next += 1
        return handle

    def __getitem__(self, number: int) -> Any:
        """Return the object with this number."""
        return self._objects[number]

    def drop(self, numbers: Iterable[int]) -> None:
        """Let objects go that no check holds any longer."""
        for number in numbers:
            self._objects.pop(number, None)

    def resolve(self, value: Value, described: list[Handle]) -> Any:
        """Return an argument with the live objects in place of their handles.

        A handle of the kind "described" stands for the model in `described` at its number.
        """

        def live(leaf: Value) -> Any:
            if not isinstance(leaf, Handle):
                return leaf
            handle = described[leaf.number] if leaf.kind == "described" else leaf
            return self._objects[handle.number]

        return map_leaves(value, live)
