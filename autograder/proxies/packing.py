"""Arguments on their way to a student's process, and values on their way back.

A Model or StudentObject in an argument, at any depth, crosses as the handle of the live object.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

import numpy as np

from autograder.proxies.model import Model, Owner
from autograder.proxies.objects import ObjectOwner, StudentObject
from autograder.wire import Handle, Opaque, Value, map_leaves
from autograder.wire.values import MAX_INT, MAX_RANK, may_cross

__all__ = ["Packed", "unpacked"]

_PLAIN = (bool, float, str, bytes, set, frozenset)


@dataclass(slots=True)
class Packed:
    """The models among the arguments of one call of a function of `user`.

    `models` holds the live models, `moving` those that live elsewhere so far; `descriptions` are
    theirs, in the same order. `has_foreign` tells of a model that another submission made.
    """

    user: Owner
    models: list[Model] = field(default_factory=list)
    moving: list[Model] = field(default_factory=list)
    descriptions: list[Value] = field(default_factory=list)
    has_foreign: bool = False

    def pack(self, argument: Any) -> Value:
        """Return an argument as it crosses.

        Raises StudentError for a model that cannot be described. Raises TypeError, which is the
        check's fault and not the student's, for an object that lives in another process, and for
        an object that cannot cross at all.
        """
        return map_leaves(argument, self._leaf)

    def _leaf(self, leaf: Any) -> Value:
        if isinstance(leaf, Model):
            return self._model(leaf)
        if isinstance(leaf, StudentObject):
            return Handle("object", leaf.number_for(self.user))
        return _plain(leaf)

    def _model(self, model: Model) -> Handle:
        number = model.lives_with(self.user)
        if number is not None:
            self.models.append(model)
            return Handle("model", number)
        for place, moving in enumerate(self.moving):
            if moving is model:
                return Handle("described", place)
        self.has_foreign = self.has_foreign or not model.is_of(self.user)
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

    def proxy(leaf: Value) -> Any:
        if not isinstance(leaf, Handle | Opaque):
            return leaf
        told = replace(leaf, type_name=owner.discretion.type_name(leaf.type_name))
        if isinstance(told, Opaque):
            return told
        if told.kind == "model":
            return Model(owner, told.number, function).changed()
        return StudentObject(owner, told, function)

    return map_leaves(value, proxy)
