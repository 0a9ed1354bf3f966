"""Checks of wine_softmax that only a grader has: unseen wines, other units, the instructor."""

from functools import partial

import numpy as np

from autograder import expect
from autograder.checks import award, points, remeasured, shared
from autograder.checks.trained_model import Unseen, model_on_unseen, train_on_unseen
from autograder.errors import StudentError

STEPS, STAGES = 33, 4  # 32 to the power of 4: a millionth of the way from wine to wine
SURE = 0.999
UNITS = np.where(np.arange(13) % 2, 1000, 1).astype("float32")  # milligrams instead of grams


@shared
def unseen():
    """The hints for unseen wines."""
    return Unseen(
        told=(
            "On {unseen} it has never seen, the typical probability of the true kind is {value}; "
            "{limit} earns all points. Probabilities are judged, not only which is the largest: "
            "being sure and wrong costs most. Does the model scale its inputs, and is it trained "
            "for long enough?"
        ),
        same="After training the model names the same kind for every wine.",
    )


def _sureness_between(model, one, other):
    """Return the lowest largest probability on the way from a wine to a wine of another kind.

    The way is walked in ever smaller steps around the place where the most likely kind changes.
    """
    lowest = 1.0
    for _ in range(STAGES):
        way = np.linspace(one, other, STEPS)
        predicted = model.predict(way)
        lowest = min(lowest, predicted.max(axis=1).min())
        changes = np.flatnonzero(np.diff(predicted.argmax(axis=1)))
        if lowest < SURE or not len(changes):
            break
        one, other = way[changes[0]], way[changes[0] + 1]
    return lowest


@points(1)
def test_shares(scored_model, rows):
    """A wine between two kinds gets a share of each: the three numbers are no decisions"""
    model = scored_model.training_run.model
    wines = [rows.x_train[rows.y_train == kind][0].astype("float64") for kind in range(3)]
    ways = [_sureness_between(model, wines[kind], wines[kind - 1]) for kind in range(3)]
    assert min(ways) < SURE, (
        "On the way from a wine of one kind to a wine of another, your trained model jumps from 1 "
        "for one kind to 1 for the other. Does it return the most likely kind (argmax, rounding) "
        "instead of how likely each kind is?"
    )


@points(1)
def test_accuracy(scored_model, rows, thresholds, record):
    """The most likely kind is the right one for most unseen wines"""
    run, y = scored_model.training_run, rows.y_test
    largest = np.bincount(rows.y_train).argmax()
    zero = thresholds.baseline("unseen_accuracy", "the most frequent kind", np.mean(y == largest))
    share = expect.accuracy(y, run.model.predict(rows.x_test))
    measured = thresholds.measure("unseen_accuracy", share)
    record(measured)
    assert run.changed_weights, run.diagnosis
    award(
        measured.share(zero=zero),
        f"Of unseen wines, about {int(100 * share)} in 100 are right; {100 * measured.limit:g} in "
        "100 earn all points.",
    )


@points(1)
def test_other_units(student, reference, declared, rows, thresholds, record):
    """In other units (milligrams for grams) the same wines get probabilities as good"""
    x, unseen, y = rows.x_train * UNITS, rows.x_test * UNITS, rows.y_test
    constant = declared.same_for_all(rows.y_train, len(y))

    def likelihood(predicted):
        return declared.metric.value(declared.metric.error(y, predicted), 1)

    what = "how frequent each kind is"
    zero = thresholds.baseline("units_likelihood", what, likelihood(constant))

    def trained_by(trainer):
        model = expect.keras_model(student.build_model(x, 3), input_shape=(13,))
        trainer.train(model, x, rows.y_train)
        return thresholds.measure("units_likelihood", likelihood(model.predict(unseen)))

    def best_of(trainer):
        return remeasured([student, trainer], partial(trained_by, trainer))

    try:
        measured = best_of(student)
    except StudentError:
        measured = None
    if measured is None or not measured.met:  # the model is asked about, not the student's `train`
        by_reference = best_of(reference)
        measured = by_reference if measured is None or by_reference.met else measured
    record(measured)
    award(
        measured.share(zero=zero),
        f"With half of the measurements in milligrams instead of grams, in training as well, the "
        f"typical probability of the true kind is {measured.value:.2f} on unseen wines. Does the "
        "model scale its inputs by what `x_train` says, and not by constants or not at all?",
    )


test_model_error = model_on_unseen(
    points=2, title="Trained well, your model gives unseen wines good probabilities"
)

test_train_error = train_on_unseen(
    points=2, title="`train` leads a good model to good probabilities for unseen wines"
)
