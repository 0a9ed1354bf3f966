"""Checks of wine_softmax that you can run yourself; they need the training wines only."""

import numpy as np

from autograder import expect
from autograder.checks import points
from autograder.checks.trained_model import new_targets, shapes, train_teaches

test_shapes = shapes(points=1)


@points(2)
def test_probabilities(student_model, rows):
    """The three numbers of a wine are its probabilities: none is negative, and they sum to one"""
    some = rows.x_train[:50]
    predicted = student_model.predict(some)
    expect.probabilities(predicted)
    alone = np.concatenate([student_model.predict(some[n : n + 1]) for n in range(3)])
    assert np.allclose(alone, predicted[:3], atol=1e-3), (
        "A wine gets other probabilities when it is asked for alone than among other wines. Does "
        "softmax run over the wines (the first axis) instead of the kinds (the last axis)?"
    )


test_train_teaches = train_teaches(points=1)

test_new_kinds = new_targets(points=1)
