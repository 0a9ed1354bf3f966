"""Runs the read.py of a data set's folder: code of the course's author, trusted like a check."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from autograder.course.datasets.arrays import Array, from_objects
from autograder.course.documents.dataset_toml import READER
from autograder.errors import DataError

__all__ = ["read"]

_MUST_NOT_LOAD = ("tensorflow", "keras", "torch", "jax")


def read(folder: Path) -> dict[str, Array]:
    """Return the arrays that `read(folder)` of the folder's read.py returns, by name.

    Raises DataError where there is no such function, where it raises or returns anything else, and
    where it loads a library that a grading process must not hold.
    """
    path = folder / READER
    loaded = set(sys.modules)
    try:
        function = _module(path).__dict__.get("read")
        if not callable(function):
            raise DataError(f"{path} defines no function read(folder)")
        arrays = function(folder)
    except DataError:
        raise
    except Exception as error:
        raise DataError(f"{path}: {type(error).__name__}: {error}") from error
    if heavy := [name for name in _MUST_NOT_LOAD if name in sys.modules and name not in loaded]:
        raise DataError(
            f"{path} imports {heavy[0]}, whose threads a process that forks for each submission "
            "cannot have: read the files with NumPy, Pillow or pandas"
        )
    if not isinstance(arrays, Mapping) or not all(isinstance(name, str) for name in arrays):
        raise DataError(f"{path}: read returned {type(arrays).__name__}, expected arrays by name")
    if odd := [name for name in arrays if not name.isidentifier()]:
        raise DataError(f"{path}: {odd[0]!r} cannot be the name of an array: take one of Python's")
    return {name: from_objects(value, name, path) for name, value in arrays.items()}


def _module(path: Path) -> ModuleType:
    """Return a fresh module; nothing is cached, and no file is written beside the data."""
    module = ModuleType(f"read_{path.parent.name}")
    module.__file__ = str(path)
    exec(compile(path.read_text("utf-8"), str(path), "exec"), module.__dict__)
    return module
