"""Checks of digits_cnn that only a grader has: unseen images, other labels, the instructor."""

import math

import numpy as np
import pytest

from autograder.checks import ScoredTraining, award, points


@pytest.fixture(scope="session")
def score_training(digits, share_wrong, thresholds):
    """A function that tries a trained model on unseen images."""
    most_common = np.bincount(digits.y_train).argmax()
    trivial = float(np.mean(digits.y_test == most_common))
    thresholds.baseline("unseen_accuracy", "the most frequent digit", trivial)

    def scored(training_run):
        right = 1 - share_wrong(training_run.model, digits.x_test, digits.y_test)
        measured = thresholds.measure("unseen_accuracy", right)
        fraction = measured.share(zero=trivial) if training_run.changed_weights else 0.0
        hint = _hint(training_run, measured, digits.x_train[:500])
        return ScoredTraining(training_run, fraction, hint, measured)

    return scored


def _hint(training_run, measured, images):
    if not training_run.changed_weights:
        return training_run.diagnosis
    if len(np.unique(training_run.model.predict(images).argmax(axis=1))) == 1:
        return "After training the model says the same digit for every image."
    return (
        f"Of the images it has never seen, {int(100 * measured.value)} in 100 are right; "
        f"{100 * measured.limit:g} in 100 earn all points."
    )


@points(1)
def test_convolution_learns(scored_model):
    """Training reaches the convolutions: their windows change"""
    windows = [shape for shape in scored_model.training_run.changed_weights if len(shape) == 4]
    assert any(math.prod(shape[:2]) > 1 for shape in windows), (
        "After training, no convolution with a window larger than 1 x 1 has changed: what they "
        "find does not reach the output. Is that branch cut off, switched off or frozen?"
    )


@points(2)
def test_model_accuracy(scored_model, record):
    """Trained well, your model reads most digits it has never seen"""
    record(scored_model.measured)
    award(scored_model.fraction, scored_model.hint)


@points(2)
def test_train_accuracy(scored_train, follows, record):
    """`train` leads a good model to read most digits it has never seen"""
    record(scored_train.measured)
    assert scored_train.training_run.worked, scored_train.training_run.diagnosis
    assert follows.met, (
        "Digits read well count here only if that was learned in `train` from what it is given."
    )
    award(scored_train.fraction, scored_train.hint)
