"""The judge: a small frozen network that classifies images of digits, run without TensorFlow.

It returns the probability of each digit, and features of the image in which similar digits lie
close together. `autograder.digits.measures` compares generated with real images by these features.
docs/figures/judge.md says how the network was trained and how often it is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SHAPE = (28, 28, 1)
_AT_ONCE = 500  # images: bounds the memory of a call
_LAYERS = ("conv1", "conv2", "features", "digits")


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """A judge's outputs for n images.

    probabilities (n, 10) float32: of each digit, rows sum to 1. features (n, 48) float32: the
    outputs of the last hidden layer, not negative, without a unit.
    """

    probabilities: Array
    features: Array

    @property
    def digits(self) -> Array:
        """The most probable digit of each image, (n,) integers from 0 to 9."""
        return np.asarray(self.probabilities.argmax(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """The weights of a judge: a kernel and a bias for each of its four layers, float32."""

    layers: tuple[tuple[Array, Array], ...]

    def look(self, images: Array) -> Opinion:
        """Return the judge's opinion of `images`: (n, 28, 28, 1) numbers from 0 (paper) to 1 (ink).

        Numbers outside of 0 to 1 are clipped. Raises ValueError for another shape, for no images
        and for nan or inf.
        """
        if images.ndim != 4 or images.shape[1:] != SHAPE or not len(images):
            raise ValueError(
                f"images: expected shape (n, 28, 28, 1) with n > 0, got {images.shape}"
            )
        if not np.isfinite(images).all():
            raise ValueError("images: expected finite numbers, got nan or inf")
        parts = [images[at : at + _AT_ONCE] for at in range(0, len(images), _AT_ONCE)]
        looks = [self._glance(np.clip(part, 0, 1).astype(np.float32)) for part in parts]
        return Opinion(*(np.concatenate(column) for column in zip(*looks, strict=True)))

    def _glance(self, x: Array) -> tuple[Array, Array]:
        first, second, hidden, last = self.layers
        x = _shrink(_convolve(x, *first))
        x = _shrink(_convolve(x, *second))
        features = np.maximum(x.reshape(len(x), -1) @ hidden[0] + hidden[1], 0)
        return _softmax(features @ last[0] + last[1]), features


def load_judge(name: str = "handwriting") -> Judge:
    """Return the judge `name`, whose weights are the file autograder/digits/judges/NAME.npz."""
    with (
        files("autograder.digits").joinpath("judges", f"{name}.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as archive,
    ):
        return Judge(tuple((_of(archive, n, "kernel"), _of(archive, n, "bias")) for n in _LAYERS))


def _of(archive: Any, layer: str, what: str) -> Array:
    return np.asarray(archive[f"{layer}_{what}"], dtype=np.float32)


def _convolve(x: Array, kernel: Array, bias: Array) -> Array:
    """Return relu of a convolution without padding: (n, h, w, c) to (n, h - 2, w - 2, filters)."""
    height, width, channels, filters = kernel.shape
    windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(1, 2))
    n, rows, columns = windows.shape[:3]
    # sliding_window_view puts the window last, behind the channels.
    flat = windows.transpose(0, 1, 2, 4, 5, 3).reshape(n * rows * columns, -1)
    made = flat @ kernel.reshape(height * width * channels, filters) + bias
    return np.asarray(np.maximum(made, 0).reshape(n, rows, columns, filters))


def _shrink(x: Array) -> Array:
    """Return the largest of each 2 x 2 pixels; an odd last row or column is left out."""
    rows, columns = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    even, odd = x[:, 0:rows:2, :columns], x[:, 1:rows:2, :columns]
    tall = np.maximum(even, odd)
    return np.asarray(np.maximum(tall[:, :, 0::2], tall[:, :, 1::2]))


def _softmax(scores: Array) -> Array:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
