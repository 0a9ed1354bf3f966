"""Checks that a student can run."""


def test_mean(student, golden_values):
    """The mean is right"""
    mean, _ = student.mean_and_spread(golden_values)
    assert abs(mean - 7 / 3) < 1e-9, "the mean is the sum over the number of values"
