"""Writes folders of data sets for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course import datasets
from autograder.course.datasets import Array

KEY = b"a key of a course in a test"


def write(root: Path, settings: str, files: Mapping[str, Any]) -> Path:
    """Write the data set `made` under `root`, a folder of data sets; return that folder.

    A file is given by its text, its bytes or, for an archive, its arrays.
    """
    folder = root / "made"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.toml").write_text(settings, "utf-8")
    for name, content in files.items():
        path = folder / name
        if isinstance(content, str):
            path.write_bytes(content.encode())
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            np.savez(path, **dict(content))
    return root


def release(root: Path, target: Path, key: bytes = KEY) -> datasets.Rows:
    """Write what students get of `made` into `target`; return what their own checks read there."""
    target.mkdir(parents=True, exist_ok=True)
    for name, content in datasets.training_files(root, ["made"], key).items():
        (target / name).write_bytes(content)
    return datasets.read_back(target, "made")


def assert_same(one: Mapping[str, Array], other: Mapping[str, Array]) -> None:
    """Compare names, types, shapes and values; NaN equals NaN."""
    assert list(one) == list(other)
    for name, array in one.items():
        assert (name, array.dtype, array.shape) == (name, other[name].dtype, other[name].shape)
        np.testing.assert_array_equal(array, other[name])
