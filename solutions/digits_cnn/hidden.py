"""Checks of digits_cnn that only a grader has: unseen images, other labels, the instructor."""

import math

import numpy as np
import pytest

from autograder.checks import award, points, ramp
from autograder.pairing import Trial

# Thresholds, and what was measured: eight honest styles, four keys and seeds each.
#   unseen images, share right: 32 honest runs 0.954 +- 0.013, 0.92 or more; unscaled images 0.90
#     to 0.925; no activation and average pooling 0.887 to 0.898; one epoch 0.810 to 0.858;
#     two filters and a global average 0.22 to 0.26; the most frequent digit 0.11.
#   relabelled, share right of unseen images: 22 runs 0.83 to 0.96; one epoch 0.55 to 0.7; a `train`
#     that keeps to the old labels 0.00.
ENOUGH = 0.91  # share right of unseen images for full points
FOLLOWS = 0.3  # share right of relabelled training images
FEW = 1500  # relabelled images: enough to tell, and quick


@pytest.fixture(scope="session")
def judge(digits, share_wrong):
    """A function that tries a trained model on unseen images."""
    most_common = np.bincount(digits.y_train).argmax()
    baseline = float(np.mean(digits.y_test == most_common))

    def judged(lesson, fresh):
        right = 1 - share_wrong(lesson.model, digits.x_test, digits.y_test)
        fraction = ramp(right, zero=baseline, full=ENOUGH) if lesson.moved else 0.0
        return Trial(lesson, fresh, fraction, _hint(lesson, right, digits.x_train[:500]))

    return judged


def _hint(lesson, right, images):
    if not lesson.moved:
        return lesson.complaint
    if len(np.unique(lesson.model.predict(images).argmax(axis=1))) == 1:
        return "After training the model says the same digit for every image."
    return (
        f"Of the images it has never seen, {int(100 * right)} in 100 are right; "
        f"{100 * ENOUGH:.0f} in 100 earn all points."
    )


@points(1)
def test_convolution_learns(model_trial):
    """Training reaches the convolutions: their windows change"""
    windows = [shape for shape in model_trial.lesson.moved if len(shape) == 4]
    assert any(math.prod(shape[:2]) > 1 for shape in windows), (
        "After training, no convolution with a window larger than 1 x 1 has changed: what they "
        "find does not reach the output. Is that branch cut off, switched off or frozen?"
    )


@pytest.fixture(scope="session")
def follows(student, train_trial, digits, share_wrong):
    """Whether `train` learns other labels: every digit gets another name."""
    images, labels = digits.x_train[:FEW], (digits.y_train[:FEW] + 3) % 10
    model = train_trial.fresh()
    student.train(model, images, labels)
    return 1 - share_wrong(model, images, labels) > FOLLOWS


@points(1)
def test_new_labels(follows):
    """`train` learns the labels it is given, also when every digit has another name"""
    assert follows, (
        "Given the same images with other labels, `train` should learn those; the model did not "
        "follow them. Does `train` use the arrays it is given, or others from the notebook, or "
        "does it stop too early?"
    )


@points(2)
def test_model_accuracy(model_trial):
    """Trained well, your model reads most digits it has never seen"""
    award(model_trial.fraction, model_trial.hint)


@points(2)
def test_train_accuracy(train_trial, follows):
    """`train` leads a good model to read most digits it has never seen"""
    assert train_trial.lesson.worked, train_trial.lesson.complaint
    assert follows, (
        "Digits read well count here only if that was learned in `train` from what it is given."
    )
    award(train_trial.fraction, train_trial.hint)
