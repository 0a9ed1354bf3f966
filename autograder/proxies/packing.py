"""Arguments on their way to a student's process, and values on their way back.

A Model or StudentObject in an argument, at any depth, crosses as the handle of the live object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np

from autograder.proxies.model import Model, Owner
from autograder.proxies.objects import ObjectOwner, StudentObject
from autograder.wire import Handle, Value
from autograder.wire.values import MAX_INT, MAX_RANK, may_cross

__all__ = ["Packed", "unpacked"]

_PLAIN = (bool, float, str, bytes, set, frozenset)


@dataclass(slots=True)
class Packed:
    """The models among the arguments of one call of a function of `user`.

    `models` holds the live models, `moving` those that live elsewhere so far; `descriptions` are
    theirs, in the same order.
    """

    user: Owner
    models: list[Model] = field(default_factory=list)
    moving: list[Model] = field(default_factory=list)
    descriptions: list[Value] = field(default_factory=list)

    def pack(self, argument: Any) -> Value:
        """Return an argument as it crosses.

        Raises StudentError for a model that cannot be described. Raises TypeError, which is the
        check's fault and not the student's, for an object that lives in another process, and for
        an object that cannot cross at all.
        """
        if isinstance(argument, Model):
            return self._model(argument)
        if isinstance(argument, StudentObject):
            return Handle("object", argument.number_for(self.user))
        if type(argument) is list:
            return [self.pack(item) for item in argument]
        if type(argument) is tuple:
            return tuple(self.pack(item) for item in argument)
        if type(argument) is dict:
            return {key: self.pack(item) for key, item in argument.items()}
        return _plain(argument)

    def _model(self, model: Model) -> Handle:
        number = model.lives_with(self.user)
        if number is not None:
            self.models.append(model)
            return Handle("model", number)
        for place, moving in enumerate(self.moving):
            if moving is model:
                return Handle("described", place)
        self.descriptions.append(model.description())
        self.moving.append(model)
        return Handle("described", len(self.moving) - 1)

    def follow(self, built: tuple[int, ...]) -> None:
        """Note where the models live now, and that the call may have changed every one."""
        for model, number in zip(self.moving, built, strict=True):
            model.moved_to(self.user, number)
        for model in (*self.models, *self.moving):
            model.changed()


def _plain(argument: Any) -> Value:
    """Return an argument that is no model or list; raises TypeError where it cannot cross."""
    if isinstance(argument, np.generic):
        return argument.item()
    if isinstance(argument, np.ndarray):
        little = argument.dtype.newbyteorder("<").str
        fits = type(argument) is np.ndarray and (may_cross(little) or little == "<U0")
        fits = fits and argument.ndim <= MAX_RANK
    elif type(argument) is int:
        fits = abs(argument) < MAX_INT
    else:
        fits = argument is None or type(argument) in _PLAIN or isinstance(argument, PurePath)
    if not fits:
        what = f"an array of {argument.dtype}" if isinstance(argument, np.ndarray) else None
        raise TypeError(f"a check passed {what or f'a {type(argument).__name__}'}: it cannot cross")
    return argument


def unpacked(value: Value, owner: ObjectOwner, function: str) -> Any:
    """Return what `function` returned, with a proxy in place of each handle."""
    if isinstance(value, Handle):
        if value.kind == "model":
            return Model(owner, value.number, function).changed()
        return StudentObject(owner, value, function)
    if isinstance(value, list):
        return [unpacked(item, owner, function) for item in value]
    if isinstance(value, tuple):
        return tuple(unpacked(item, owner, function) for item in value)
    if isinstance(value, dict):
        return {key: unpacked(item, owner, function) for key, item in value.items()}
    return value
