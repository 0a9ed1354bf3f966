"""What checks ask of an answer: plain words for whatever came back instead."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.errors import StudentError
from autograder.expect import keras_model, kind_of
from autograder.result import Outcome
from autograder.wire import Opaque


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None. Is the `return` missing?"),
        ([], "a list."),
        (3, "an int."),
        ({}, "a dict."),
        (np.zeros((3, 2)), "an array of shape (3, 2)."),
        (Opaque("Optimizer"), "something of the type Optimizer."),
    ],
)
def test_what_is_no_model_is_said_to_be_none(value: object, words: str) -> None:
    with pytest.raises(StudentError) as caught:
        keras_model(value, input_shape=(7,))
    assert caught.value.outcome is Outcome.FAILED
    assert words in caught.value.message


def test_kinds_are_named() -> None:
    assert kind_of("text") == "a str"
    assert kind_of(1.5) == "a float"
