"""The usual checks of a training: it teaches, it follows other targets, it is good on unseen rows.

    test_train_teaches = train_teaches(points=1)

Such a line in visible.py or hidden.py is a check: its name is the id, and the file decides who can
run it. `title` and `hint` replace the usual texts; both may hold nouns of Words in braces.
"""

from __future__ import annotations

from collections.abc import Callable

from autograder.checks import marking
from autograder.checks.follow_through import ScoredTraining
from autograder.checks.thresholds import Measured
from autograder.checks.trained_model.declaration import TrainedModel
from autograder.checks.trained_model.title import Check, usual
from autograder.checks.training import TrainingRun

__all__ = ["model_on_unseen", "new_targets", "train_on_unseen", "train_teaches"]

Record = Callable[[Measured], None]


def train_teaches(
    *,
    points: float,
    title: str = "`train` moves the weights of the model it is given, and the training error falls",
    hint: str = "An error that fell counts only if `train` learned from what it was given.",
) -> Check:
    """Return the check that `train` moved weights and lowered the error on the training rows.

    `hint` is for a `train` that did so without the targets it was given.
    """

    def check(
        training_run: TrainingRun, follows: Measured, record: Record, declared: TrainedModel
    ) -> None:
        record(training_run.error_ratio)
        assert training_run.worked, training_run.diagnosis
        assert follows.met, declared.words.fill(hint)

    return usual(check, points, title)


def new_targets(
    *,
    points: float,
    title: str = "`train` learns the {targets} it is given, also when {relabelled}",
    hint: str = (
        "Given other {targets} for the same {rows}, `train` should learn those; the model did not "
        "follow them. Does `train` use the arrays it is given, or others from the notebook, or "
        "does it stop too early?"
    ),
) -> Check:
    """Return the check that `train` learns other targets for the same rows."""

    def check(follows: Measured, record: Record, declared: TrainedModel) -> None:
        record(follows)
        assert follows.met, declared.words.fill(hint)

    return usual(check, points, title)


def model_on_unseen(
    *,
    points: float,
    title: str = "Trained well, your model gives good {answers} for unseen {unseen}",
) -> Check:
    """Return the check of `build_model` on unseen rows: trained by the student or the instructor.

    The points grow from a trivial answer to the threshold.
    """

    def check(scored_model: ScoredTraining, record: Record) -> None:
        record(scored_model.measured)
        marking.award(scored_model.fraction, scored_model.hint)

    return usual(check, points, title)


def train_on_unseen(
    *,
    points: float,
    title: str = "`train` leads a good model to good {answers} for unseen {unseen}",
    hint: str = (
        "Good {answers} count here only if they were learned in `train` from what it is given."
    ),
) -> Check:
    """Return the check of `train` on unseen rows: with the student's or the instructor's model.

    `hint` is for a `train` that did not learn from the targets it was given.
    """

    def check(
        scored_train: ScoredTraining, follows: Measured, record: Record, declared: TrainedModel
    ) -> None:
        record(scored_train.measured)
        assert scored_train.training_run.worked, scored_train.training_run.diagnosis
        assert follows.met, declared.words.fill(hint)
        marking.award(scored_train.fraction, scored_train.hint)

    return usual(check, points, title)
