"""The judge runs as Keras would run it, and knows digits."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.digits.judge import Judge, load_judge

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return load_judge()


@pytest.fixture(scope="module")
def scans() -> tuple[Any, Any]:
    """The first 1,500 images (n, 28, 28, 1) from 0 to 1, and their digits."""
    with np.load(ROOT / "datasets" / "digits" / "mnist_10k.npz") as archive:
        return archive["x"][:1500, ..., np.newaxis] / np.float32(255), archive["y"][:1500]


@pytest.fixture(scope="module")
def recipe() -> ModuleType:
    """scripts/train_judge.py, which made the weights."""
    spec = importlib.util.spec_from_file_location("recipe", ROOT / "scripts" / "train_judge.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_keras_says_the_same(judge: Judge, scans: tuple[Any, Any], recipe: ModuleType) -> None:
    import keras

    model = recipe.untrained()
    for name, weights in zip(recipe.LAYERS, judge.layers, strict=True):
        model.get_layer(name).set_weights(weights)
    both = keras.Model(model.inputs, [model.outputs[0], model.get_layer("features").output])
    images = np.concatenate([scans[0][:200], np.random.default_rng(0).random((50, 28, 28, 1))])
    probabilities, features = both.predict(images, verbose=0)
    opinion = judge.look(images)
    np.testing.assert_allclose(opinion.probabilities, probabilities, atol=1e-5)
    np.testing.assert_allclose(opinion.features, features, rtol=1e-4, atol=1e-4)


def test_it_knows_digits(judge: Judge, scans: tuple[Any, Any]) -> None:
    # It has seen these; on unseen ones it was right 98 times in 100 (docs/figures/judge.md).
    images, digits = scans
    assert np.mean(judge.look(images).digits == digits) > 0.98


def test_it_knows_digits_that_are_off_centre(judge: Judge, scans: tuple[Any, Any]) -> None:
    images, digits = scans
    assert np.mean(judge.look(np.roll(images, (2, -2), axis=(1, 2))).digits == digits) > 0.95


def test_shapes_and_probabilities(judge: Judge, scans: tuple[Any, Any]) -> None:
    opinion = judge.look(scans[0][:7])
    assert opinion.probabilities.shape == (7, 10)
    assert opinion.features.shape == (7, 48)
    assert opinion.features.min() >= 0
    np.testing.assert_allclose(opinion.probabilities.sum(axis=1), 1, rtol=1e-5)


def test_an_image_is_judged_alike_in_any_company(judge: Judge, scans: tuple[Any, Any]) -> None:
    images = scans[0][:1203]
    together = judge.look(images).features
    np.testing.assert_allclose(judge.look(images[1100:1110]).features, together[1100:1110], 1e-4)


def test_ink_beyond_the_range_is_clipped(judge: Judge, scans: tuple[Any, Any]) -> None:
    images = scans[0][:5]
    loud = np.where(images == 1, 9.0, np.where(images == 0, -9.0, images))
    np.testing.assert_array_equal(judge.look(loud).features, judge.look(images).features)


@pytest.mark.parametrize("shape", [(0, 28, 28, 1), (28, 28, 1), (3, 28, 28), (2, 14, 14, 1)])
def test_another_shape_is_named(judge: Judge, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected shape \(n, 28, 28, 1\)"):
        judge.look(np.zeros(shape))


def test_nan_is_no_image(judge: Judge) -> None:
    with pytest.raises(ValueError, match="finite"):
        judge.look(np.full((1, 28, 28, 1), np.nan))
