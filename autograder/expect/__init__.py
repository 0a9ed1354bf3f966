"""Expectations and measurements for checks, with messages that a student can act on.

Functions of two kinds take the `Model` of a fixture. An expectation such as `on_path` returns
nothing, or raises AssertionError with a message for the student. A measurement such as `bend`
returns a number, which a check compares with a threshold. Both read the graph of the rebuilt model
or ask the model for predictions. They do not change the model, and they give the same result for a
Sequential, a functional and a subclassed model. Kinds of layers such as `convolution()` say what
`on_path` and `matching` look for.

    from autograder import expect
    from autograder.checks import points


    @points(1)
    def test_convolution(built):
        '''Convolutions look at the image, and pooling or a stride makes it smaller'''
        expect.on_path(built, expect.convolution(), expect.shrinking())
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
from autograder.expect.equality import Tolerance, difference, shown
from autograder.expect.kept import kept_layers
from autograder.expect.metrics import accuracy, beats, mean_absolute_error, rmse_log1p
from autograder.expect.probing import (
    bend,
    liveliness,
    probabilities,
    straightened,
    translation_sensitivity,
)
from autograder.expect.receptive import receptive_field
from autograder.expect.returned import keras_model, kind_of, same_architecture
from autograder.expect.steps import Step, convolution, dense, lstm, shrinking

__all__ = [
    "Step",
    "Tolerance",
    "accuracy",
    "beats",
    "bend",
    "budget",
    "convolution",
    "dense",
    "difference",
    "first_leak",
    "first_leak_in_model",
    "input_shape",
    "kept_layers",
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
    "shown",
    "shrinking",
    "straightened",
    "time_order",
    "translation_sensitivity",
]
