"""Checks of line that only a grader has."""

import numpy as np

from autograder.checks import points


@points(3)
def test_prediction(model, cars):
    """The untrained model predicts a number for unseen cars"""
    got = model.predict(cars.x_test)
    assert np.isfinite(got).all(), "the predictions are not all finite numbers"


@points(1)
def test_fragile(student):
    """The largest value becomes one"""
    got = student.scale(np.array([3.0, 6.0]))
    assert got[1] == 1.0, "the largest value should become 1"
