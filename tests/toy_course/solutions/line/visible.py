"""Checks of line that students can run."""

import numpy as np

from autograder.checks import award, points


@points(2)
def test_scale(student):
    """Values are divided by the largest"""
    got = student.scale(np.array([1.0, 2.0, 4.0]))
    assert isinstance(got, np.ndarray), f"an array is expected, not {got!r}"
    award(float(np.mean(got == [0.25, 0.5, 1.0])), "not every value is right")


@points(1)
def test_shape(model):
    """The model has one output"""
    assert model.output_shape == (None, 1), f"(None, 1) is expected, not {model.output_shape}"
