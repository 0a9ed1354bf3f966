"""The oracles of filters against Keras, and its tolerance against honest float32 answers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from autograder import expect
from tests.with_keras.exercises.hidden_checks import hidden_checks

hidden = hidden_checks("filters")
SEEDS = range(5)

Array = np.ndarray[Any, Any]


def assert_near(value: Array, expected: Array, image: Array) -> None:
    """Compare as the statement promises."""
    tolerance = expect.Tolerance(rtol=1e-4, atol=1e-5 * float(np.abs(image).max()))
    told = expect.difference(value, expected, tolerance)
    assert not told, told


def as_batch(image: Array) -> Array:
    return image[np.newaxis, :, :, np.newaxis]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("draw", ["convolutions", "strided", "same"])
def test_convolutions_are_those_of_keras(draw: str, seed: int) -> None:
    for image, kernel, *settings in getattr(hidden, draw)(np.random.default_rng(seed)):
        stride, padding = settings or (1, "valid")
        layer = keras.layers.Conv2D(
            1, kernel.shape, strides=stride, padding=padding, use_bias=False, dtype=image.dtype.name
        )
        layer.build((None, *image.shape, 1))
        layer.set_weights([kernel[:, :, np.newaxis, np.newaxis]])
        theirs = np.asarray(layer(as_batch(image)))[0, :, :, 0]
        assert_near(theirs, hidden.convolved(image, kernel, *settings), image)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("layer", "oracle"),
    [(keras.layers.MaxPooling2D, "largest"), (keras.layers.AveragePooling2D, "mean")],
)
def test_pools_are_those_of_keras(layer: Any, oracle: str, seed: int) -> None:
    for image, size, stride in hidden.poolings(np.random.default_rng(seed)):
        pool = layer(size, strides=stride, padding="valid", dtype=image.dtype.name)
        theirs = np.asarray(pool(as_batch(image)))[0, :, :, 0]
        assert_near(theirs, getattr(hidden, oracle)(image, size, stride), image)


@pytest.mark.parametrize("seed", SEEDS)
def test_feature_maps_are_those_of_keras(seed: int) -> None:
    for image, kernels in hidden.layers(np.random.default_rng(seed)):
        count, *size = kernels.shape
        layer = keras.layers.Conv2D(
            count, size, activation="relu", use_bias=False, dtype=image.dtype.name
        )
        layer.build((None, *image.shape, 1))
        layer.set_weights([np.moveaxis(kernels, 0, -1)[:, :, np.newaxis]])
        theirs = np.asarray(layer(as_batch(image)))[0]
        assert_near(theirs, hidden.maps(image, kernels), image)


def in_float32(image: Array, kernel: Array) -> Array:
    """Return a plain convolution by the convolution theorem, rounded to float32 at every step."""
    spectra = [np.fft.rfft2(a.astype("float32"), image.shape) for a in (image, kernel)]
    product = spectra[0].astype("complex64") * np.conj(spectra[1].astype("complex64"))
    answers = np.fft.irfft2(product, image.shape).astype("float32")
    rows, columns = (a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True))
    return answers[:rows, :columns]


@pytest.mark.parametrize("seed", range(200))
def test_float32_is_exact_enough(seed: int) -> None:
    for image, kernel in hidden.convolutions(np.random.default_rng(seed)):
        assert_near(in_float32(image, kernel), hidden.convolved(image, kernel), image)


@pytest.mark.parametrize("seed", range(20))
def test_no_drawn_image_is_square(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for draw in (hidden.convolutions, hidden.strided, hidden.same, hidden.poolings, hidden.layers):
        for image, *_ in draw(rng):
            assert image.shape[0] != image.shape[1]
