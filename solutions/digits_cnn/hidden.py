"""Checks of digits_cnn that only a grader has: unseen images, other labels, the instructor."""

import math

import numpy as np
import pytest

from autograder.checks.follow_through import Trial
from autograder.checks.points import award, points


@pytest.fixture(scope="session")
def judge(digits, share_wrong, thresholds):
    """A function that tries a trained model on unseen images."""
    most_common = np.bincount(digits.y_train).argmax()
    trivial = float(np.mean(digits.y_test == most_common))
    thresholds.baseline("unseen_accuracy", "the most frequent digit", trivial)

    def judged(lesson):
        right = 1 - share_wrong(lesson.model, digits.x_test, digits.y_test)
        measured = thresholds.measure("unseen_accuracy", right)
        fraction = measured.share(zero=trivial) if lesson.moved else 0.0
        hint = _hint(lesson, measured, digits.x_train[:500])
        return Trial(lesson, fraction, hint, measured)

    return judged


def _hint(lesson, measured, images):
    if not lesson.moved:
        return lesson.complaint
    if len(np.unique(lesson.model.predict(images).argmax(axis=1))) == 1:
        return "After training the model says the same digit for every image."
    return (
        f"Of the images it has never seen, {int(100 * measured.value)} in 100 are right; "
        f"{100 * measured.limit:g} in 100 earn all points."
    )


@points(1)
def test_convolution_learns(model_trial):
    """Training reaches the convolutions: their windows change"""
    windows = [shape for shape in model_trial.lesson.moved if len(shape) == 4]
    assert any(math.prod(shape[:2]) > 1 for shape in windows), (
        "After training, no convolution with a window larger than 1 x 1 has changed: what they "
        "find does not reach the output. Is that branch cut off, switched off or frozen?"
    )


@points(2)
def test_model_accuracy(model_trial, record):
    """Trained well, your model reads most digits it has never seen"""
    record(model_trial.measured)
    award(model_trial.fraction, model_trial.hint)


@points(2)
def test_train_accuracy(train_trial, follows, record):
    """`train` leads a good model to read most digits it has never seen"""
    record(train_trial.measured)
    assert train_trial.lesson.worked, train_trial.lesson.complaint
    assert follows.met, (
        "Digits read well count here only if that was learned in `train` from what it is given."
    )
    award(train_trial.fraction, train_trial.hint)
