"""What is left of Keras's messages: the cause that a student has to know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import layers

from autograder.model.keras_messages import cause


class Failing(layers.Layer):
    """Calls a function, which raises, on its input."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(x)


def without_hours(_x: Any) -> Any:
    raise ValueError("the window has 24 hours")


def text_of(layer: Any) -> str:
    try:
        layer(keras.Input((3,)))
    except Exception as error:
        return str(error)
    pytest.fail("the layer raises nothing")


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_the_cause_is_told_however_deep_the_layer_lies(depth: int) -> None:
    layer: Any = Failing(without_hours)
    for _ in range(depth):
        layer = Failing(layer)
    text = text_of(layer)
    assert "Exception encountered" in text, "Keras wraps it still"
    assert cause(text) == "the window has 24 hours"


def test_the_colours_of_a_terminal_are_left_out() -> None:
    text = text_of(Failing(lambda x: np.log(x)))
    assert "\x1b" in text, "Keras colours it still"
    assert cause(text).startswith("Cannot convert a symbolic tf.Tensor")
    assert "\x1b" not in cause(text)
    assert "[1m" not in cause(text)


@given(st.text(max_size=300))
def test_a_text_that_keras_did_not_write_stays(text: str) -> None:
    assert cause(text) == text.strip() or "\x1b[" in text
