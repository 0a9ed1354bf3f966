"""What the checks of wine_softmax share: what is asked for, and how probabilities are judged."""

import numpy as np

from autograder.checks.trained_model import Likelihood, TrainedModel, Words, renamed

pytest_plugins = ["autograder.checks.trained_model.fixtures"]

KINDS = 3
LEAST = 0.01  # a smaller probability of the true kind counts as this: one wine cannot cost it all


def negative_log_likelihood(kinds, predicted):
    """Return the mean of -log(p) over wines, p the predicted share (n, 3) of the true kind (n,).

    Numbers that are no probabilities count by their share of the positive numbers of a wine: this
    mistake costs its own check, and nobody gains by numbers above one.
    """
    numbers = np.asarray(predicted, dtype="float64").reshape(len(kinds), -1)
    positive = np.maximum(numbers, 0)
    true = np.zeros(len(kinds))
    known = kinds < numbers.shape[1]
    true[known] = positive[known, kinds[known]]
    share = true / np.maximum(positive.sum(axis=1), np.finfo(float).tiny)
    return float(np.mean(-np.log(np.clip(share, LEAST, 1.0))))


def shares(kinds):
    """Return the probabilities that are best for all wines alike: how frequent each kind is."""
    return np.bincount(kinds, minlength=KINDS) / len(kinds)


exercise = TrainedModel(
    data="wine",  # x (n, 13) as they come, y (n,) the kinds 0 to 2
    arguments=lambda wines: (wines.x_train, KINDS),
    input_shape=(13,),
    output_shape=(KINDS,),
    metric=Likelihood(negative_log_likelihood),
    constant=shares,
    relabelled=renamed(KINDS),
    words=Words(
        rows="wines",
        targets="kinds",
        answers="probabilities",
        takes="thirteen numbers per wine",
        returns="three for each: one per kind",
        relabelled="every kind has another name",
        constant="how frequent each kind is",
    ),
)
