"""Checks of bikes_lstm that only a grader has: unseen series and weeks, other counts, the instructor."""

import math

import numpy as np
import pytest

from autograder import expect
from autograder.checks import ScoredTraining, award, points

DAY = 24
PENALTY = 1.0  # of ridge regression
SAME = 0.01  # log units between forecasts
LAG = 2  # steps between the values of the series below; a shift by one hour is a shift by two


def _unseen_series():
    """Series and windows that no student has seen: in each, every value tells which hour it is."""
    random = np.random.default_rng(20_110_807)
    yield 40 + LAG * np.arange(61), 24
    yield 900.0 - LAG * np.arange(50, dtype="float64"), 7
    yield random.permutation(400)[:90].astype("float32"), 12
    yield np.cumsum(random.integers(1, 9, 30)).astype("float32"), 1
    yield random.permutation(100)[:25].astype("float32"), 24  # one window and no more


@pytest.fixture(scope="session")
def unspoilt(windows, example, keeps_hours):
    """Whether x is right where a student could try it: if not, that has cost its own point."""
    return keeps_hours(windows(example, 3)[0], example, 3)


@points(1)
def test_unseen_series(windows, unspoilt, keeps_hours):
    """Whatever the series, y is the very next hour after each window, and nothing later leaks in"""
    for series, window in _unseen_series():
        x, y = windows(series, window)
        count = len(series) - window
        assert len(y) == count, (
            f"A series of {len(series)} hours has {count} windows of {window} hours with an hour "
            f"after them; `make_windows` returned {len(y)} targets."
        )
        targets = y.reshape(count, -1)[:, 0]
        assert np.allclose(targets, series[window:]), _target_hint(targets, series, window)
        assert keeps_hours(x, series, window) or not unspoilt, (
            "For a series of another length or size than the one you could try, the windows in x "
            "no longer are the counts as they come."
        )
    _expect_no_leak(windows, 0 if unspoilt else 8)


def _expect_no_leak(windows, slack):
    """Change the future, and no earlier row may change; in x, `slack` hours further on it may."""
    series, window = np.random.default_rng(7).permutation(300)[:60].astype("float32"), 8
    leaks = [
        expect.first_leak(lambda s: windows(s, window)[0], series, lambda i: i + window + slack),
        expect.first_leak(lambda s: windows(s, window)[1], series, lambda i: i + window + 1),
    ]
    assert leaks == [None, None], (
        "When only the last hours of a series change, earlier windows or targets change, too. Is "
        "something taken over the whole series in `make_windows`, such as its mean or maximum? "
        "A forecast cannot know the future; scaling belongs into the model."
    )


def _target_hint(y, series, window):
    if np.allclose(y, series[window - 1 : -1]):
        return "The target y is the last hour of its own window: the model would see the answer."
    if np.allclose(y[:-1], series[window + 1 :]):
        return "The target y is not the hour right after its window but one later."
    return "The target y should be the count of the hour right after its window, as it comes."


def _logs(counts):
    return np.log1p(counts.astype("float64"))


def _rows(x):
    return np.column_stack([_logs(x[:, :, 0]), np.ones(len(x))])


@pytest.fixture(scope="session")
def ridge_error(bikes):
    """RMSE of log(1 + count) on unseen weeks, of ridge regression on the same 24 hours.

    With A the logs of the windows and a column of ones, b those of the targets and D the identity
    but 0 for the ones: w = (A'A + PENALTY D)^-1 A'b.
    """
    a, b = _rows(bikes.x_train), _logs(bikes.y_train)
    penalty = PENALTY * np.diag([1.0] * DAY + [0.0])
    w = np.linalg.solve(a.T @ a + penalty, a.T @ b)
    return expect.rmse_log1p(bikes.y_test, np.expm1(_rows(bikes.x_test) @ w))


@pytest.fixture(scope="session")
def simple_errors(bikes, ridge_error):
    """What simple forecasts reach on unseen weeks, in units of ridge regression's error."""
    usual = np.expm1(_logs(bikes.y_train).mean())
    forecasts = {
        "one count for all": np.full(len(bikes.x_test), usual),
        "the hour before": bikes.x_test[:, -1, 0],
        "the same hour a day before": bikes.x_test[:, 0, 0],
    }
    errors = {name: expect.rmse_log1p(bikes.y_test, y) for name, y in forecasts.items()}
    return {name: error / ridge_error for name, error in errors.items()} | {"ridge regression": 1.0}


@pytest.fixture(scope="session")
def score_training(bikes, log_error, ridge_error, simple_errors, thresholds):
    """A function that tries a trained model on unseen weeks."""
    for name, error in simple_errors.items():
        thresholds.baseline("unseen_error", name, error)
    trivial = min(error for name, error in simple_errors.items() if name != "ridge regression")

    def scored(training_run):
        ratio = log_error(training_run.model, bikes.x_test, bikes.y_test) / ridge_error
        measured = thresholds.measure("unseen_error", ratio)
        fraction = measured.share(zero=trivial) if training_run.changed_weights else 0.0
        return ScoredTraining(
            training_run, fraction, _hint(training_run, measured, bikes.x_train), measured
        )

    return scored


def _hint(training_run, measured, x):
    if not training_run.changed_weights or not np.isfinite(training_run.after):
        return training_run.diagnosis
    if not np.isfinite(measured.value):
        return "For some weeks it has never seen, the trained model predicts nan or inf."
    if np.ptp(np.log1p(np.maximum(training_run.model.predict(x[:500]), 0))) < SAME:
        return "After training the model forecasts the same count whatever the last day was like."
    band = math.ceil(20 * min(measured.value, 50.0)) / 20  # coarse, never below what is asked for
    return (
        f"In weeks it has never seen, the error in log(1 + count) is up to {band:g} times that of "
        f"ridge regression; at most {measured.limit:g} times earns all points."
    )


@points(1)
def test_lstm_works(scored_model, readers, bikes, thresholds, record):
    """Training reaches the LSTM, and the forecast depends on it"""
    model = scored_model.training_run.model
    layers = [model.layers[n] for n in sorted({node.layer for node in readers(model)})]
    assert layers, "There is no LSTM that training could reach."
    moves = [expect.liveliness(model, layer, bikes.x_test[:500]) for layer in layers]
    alive = thresholds.measure("lstm_alive", max(moves))
    record(alive)
    assert alive.met, (
        "The forecasts of your trained model hardly change when the weights of its LSTM do: what "
        "the LSTM finds does not reach the output. Is it cut off or switched off?"
    )
    learned = {weight.shape for layer in layers for weight in layer.weights if weight.trainable}
    assert learned.intersection(scored_model.training_run.changed_weights), (
        "Training has not changed the weights of the LSTM. Are they frozen?"
    )


@points(2)
def test_model_error(scored_model, record):
    """Trained well, your model forecasts unseen weeks better than ridge regression"""
    record(scored_model.measured)
    award(scored_model.fraction, scored_model.hint)


@points(2)
def test_train_error(scored_train, follows, record):
    """`train` leads a good model to good forecasts for unseen weeks"""
    record(scored_train.measured)
    assert scored_train.training_run.worked, scored_train.training_run.diagnosis
    assert follows.met, (
        "Good forecasts count here only if they were learned in `train` from what it is given."
    )
    award(scored_train.fraction, scored_train.hint)
