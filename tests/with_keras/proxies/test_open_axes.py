"""An open axis of a model's input takes any length: shapes are those for the real length."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import keras
import numpy as np
import pytest
from keras import layers, ops

from autograder import expect
from autograder.proxies.in_process import LocalEvaluator, LocalStudent
from autograder.proxies.student import Student
from autograder.worker.seeds import Entropy
from autograder.worker.shell import Shell
from autograder.worker.student import StudentWorker

REPORTED = Path(__file__).parents[2] / "reported"
WINDOWS = np.random.default_rng(0).random((40, 24, 1)).astype("float32")
IMAGES = np.random.default_rng(0).random((40, 28, 28, 1)).astype("float32")


def student(**functions: Callable[..., Any]) -> Student:
    shell = cast("Shell", SimpleNamespace(namespace=functions, answers={}))
    backend = LocalStudent(StudentWorker(shell, Entropy()), _functions=frozenset(functions))
    return Student(backend, LocalEvaluator(), 0)


def test_the_reported_model_takes_24_hours() -> None:
    namespace: dict[str, Any] = {}
    exec((REPORTED / "any_number_of_hours.py").read_text("utf-8"), namespace)
    owner = student(build_model=namespace["build_model"])
    model = expect.keras_model(owner.build_model(WINDOWS), input_shape=(24, 1))
    expect.input_shape(model, (None, 24, 1))
    expect.output_shape(model, (None, 1))
    assert model.layers[0].config["shape"] == (None, 1)


def _kept(_: Any) -> keras.Model:
    inputs = keras.Input((None, 1))
    return keras.Model(inputs, layers.LSTM(4, return_sequences=True)(inputs))


def _flattened(_: Any) -> keras.Model:
    inputs = keras.Input((None, 1))
    return keras.Model(inputs, ops.reshape(inputs, (-1, 1, 24)))


def _halved(_: Any) -> keras.Model:
    shape = (None, None, 1)
    return keras.Sequential([keras.Input(shape), layers.Conv2D(2, 5), layers.MaxPooling2D()])


@pytest.mark.parametrize(
    ("make", "x", "shape"),
    [(_kept, WINDOWS, (None, 24, 4)), (_halved, IMAGES, (None, 12, 12, 2))],
    ids=["steps", "images"],
)
@pytest.mark.parametrize("told", [True, False], ids=["told", "from the data"])
def test_what_comes_out_is_measured_for_the_real_input(
    make: Any, x: Any, shape: Any, told: bool
) -> None:
    owner = student(build_model=make)
    model = owner.build_model(np.zeros(3) if told else x)
    model.refresh(x.shape[1:] if told else None)
    expect.input_shape(model, (None, *x.shape[1:]))
    expect.output_shape(model, shape)
    assert model.predict(x[:, :20]).shape[0] == len(x)  # other lengths are taken as before


def test_shrinking_is_seen_where_the_image_may_have_any_size() -> None:
    model = student(build_model=_halved).build_model(IMAGES)
    expect.on_path(model, expect.convolution(), expect.shrinking())


def test_a_length_that_nothing_tells_stays_open() -> None:
    model = student(build_model=_kept).build_model(np.zeros(3))
    assert model.input_shape == (None, None, 1)
    assert model.output_shape == (None, None, 4)


def test_a_fixed_length_is_still_a_mistake_where_another_is_asked_for() -> None:
    def twelve(_: Any) -> keras.Model:
        return keras.Sequential([keras.Input((12, 1)), layers.LSTM(2)])

    model = student(build_model=twelve).build_model(WINDOWS).refresh((24, 1))
    with pytest.raises(AssertionError, match="12"):
        expect.input_shape(model, (None, 24, 1))


def test_a_wrong_output_of_an_open_model_is_found_out() -> None:
    model = student(build_model=_flattened).build_model(WINDOWS).refresh((24, 1))
    with pytest.raises(AssertionError):
        expect.output_shape(model, (None, 24, 1))
