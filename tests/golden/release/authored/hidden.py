"""Checks that only a grader has."""

import math


def test_spread(student):
    """The spread is right"""
    mean, spread = student.mean_and_spread([3.0, 3.0])
    assert spread == 0.0, "equal numbers have no spread"
    assert math.isclose(mean, 3.0)
