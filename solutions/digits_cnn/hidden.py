"""Checks of digits_cnn that only a grader has: unseen images, other labels, the instructor."""

import math

from autograder.checks import points, shared
from autograder.checks.trained_model import Unseen, model_on_unseen, train_on_unseen


@shared
def unseen():
    """The hints for unseen images."""
    return Unseen(same="After training the model says the same digit for every image.")


@points(1)
def test_convolution_learns(scored_model):
    """Training reaches the convolutions: their windows change"""
    windows = [shape for shape in scored_model.training_run.changed_weights if len(shape) == 4]
    assert any(math.prod(shape[:2]) > 1 for shape in windows), (
        "After training, no convolution with a window larger than 1 x 1 has changed: what they "
        "find does not reach the output. Is that branch cut off, switched off or frozen?"
    )


test_model_accuracy = model_on_unseen(
    points=2, title="Trained well, your model reads most digits it has never seen"
)

test_train_accuracy = train_on_unseen(
    points=2,
    title="`train` leads a good model to read most digits it has never seen",
    hint="Digits read well count here only if that was learned in `train` from what it is given.",
)
