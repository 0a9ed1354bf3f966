"""What checks ask of an answer, with messages a student can act on.

`expect.on_path(model, expect.convolution())` raises AssertionError unless it holds; a name such as
`expect.bend` measures and returns a number. None of them changes the model, and none sees how it
is spelled: they ask the rebuilt model's graph, or for predictions.
"""

from autograder.expect.architecture import (
    budget,
    input_shape,
    matching,
    nonlinear,
    on_path,
    output_shape,
)
from autograder.expect.causality import first_leak, first_leak_in_model, time_order
from autograder.expect.metrics import accuracy, beats, mean_absolute_error, rmse_log1p
from autograder.expect.probing import bend, liveliness, probabilities, translation_sensitivity
from autograder.expect.receptive import receptive_field
from autograder.expect.returned import keras_model, kind_of, same_architecture
from autograder.expect.steps import Step, convolution, dense, lstm, shrinking

__all__ = [
    "Step",
    "accuracy",
    "beats",
    "bend",
    "budget",
    "convolution",
    "dense",
    "first_leak",
    "first_leak_in_model",
    "input_shape",
    "keras_model",
    "kind_of",
    "liveliness",
    "lstm",
    "matching",
    "mean_absolute_error",
    "nonlinear",
    "on_path",
    "output_shape",
    "probabilities",
    "receptive_field",
    "rmse_log1p",
    "same_architecture",
    "shrinking",
    "time_order",
    "translation_sensitivity",
]
