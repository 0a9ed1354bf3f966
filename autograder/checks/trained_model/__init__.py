"""The kit of an exercise with a `build_model` and a `train`: one declaration, and its usual checks.

conftest.py declares the exercise once and takes in the fixtures:

    from autograder import expect
    from autograder.checks.trained_model import Error, TrainedModel, Words, reflected

    pytest_plugins = ["autograder.checks.trained_model.fixtures"]

    exercise = TrainedModel(
        data="cars",
        input_shape=(7,),
        output_shape=(1,),
        metric=Error(expect.mean_absolute_error, name="the mean error", unit="euros"),
        constant=np.median,
        relabelled=reflected,
        words=Words(
            rows="cars",
            targets="prices",
            takes="seven numbers per car",
            returns="one price",
            relabelled="cheap cars become dear",
        ),
    )

Each usual check is a line of the file in which it belongs. The name is the check's id:

    test_shapes = shapes(points=1)  # in visible.py
    test_model = model_on_unseen(points=2)  # in hidden.py

To leave a check out, leave its line out. To replace a check, write a function in its place.
"""

from __future__ import annotations

from autograder.checks.trained_model.declaration import TrainedModel, Unseen, Words
from autograder.checks.trained_model.metric import Error, Likelihood, ShareRight
from autograder.checks.trained_model.model_checks import budget, nonlinearity, shapes
from autograder.checks.trained_model.rows import (
    Relabelled,
    Rows,
    evenly,
    every,
    first,
    reflected,
    renamed,
)
from autograder.checks.trained_model.training_checks import (
    model_on_unseen,
    new_targets,
    train_on_unseen,
    train_teaches,
)

__all__ = [
    "Error",
    "Likelihood",
    "Relabelled",
    "Rows",
    "ShareRight",
    "TrainedModel",
    "Unseen",
    "Words",
    "budget",
    "evenly",
    "every",
    "first",
    "model_on_unseen",
    "new_targets",
    "nonlinearity",
    "reflected",
    "renamed",
    "shapes",
    "train_on_unseen",
    "train_teaches",
]
