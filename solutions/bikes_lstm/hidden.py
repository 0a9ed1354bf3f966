"""Checks of bikes_lstm that only a grader has: unseen series and weeks, other counts, the instructor."""

import numpy as np
import pytest

from autograder import expect
from autograder.checks import points, shared
from autograder.checks.trained_model import Unseen, model_on_unseen, train_on_unseen

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


def _columns(x):
    return np.column_stack([_logs(x[:, :, 0]), np.ones(len(x))])


def _ridge(bikes):
    """Return the forecasts of ridge regression on the logs of the same 24 hours.

    With A the logs of the windows and a column of ones, b those of the targets and D the identity
    but 0 for the ones: w = (A'A + PENALTY D)^-1 A'b.
    """
    a, b = _columns(bikes.x_train), _logs(bikes.y_train)
    penalty = PENALTY * np.diag([1.0] * DAY + [0.0])
    w = np.linalg.solve(a.T @ a + penalty, a.T @ b)
    return np.expm1(_columns(bikes.x_test) @ w)


@shared
def unseen():
    """What forecasts for unseen weeks are compared with."""
    return Unseen(
        baselines={
            "the hour before": lambda bikes: bikes.x_test[:, -1],
            "the same hour a day before": lambda bikes: bikes.x_test[:, 0],
            "ridge regression": _ridge,
        },
        rival="ridge regression",
        told=(
            "In {unseen} it has never seen, {error} is up to {value} times that of {rival}; at most "
            "{limit} times earns all points."
        ),
        not_finite="For some {unseen} it has never seen, the trained model predicts nan or inf.",
        same="After training the model forecasts the same count whatever the last day was like.",
        is_same=lambda counts: np.ptp(np.log1p(np.maximum(counts, 0))) < SAME,
    )


@points(1)
def test_lstm_works(scored_model, readers, rows, thresholds, record):
    """Training reaches the LSTM, and the forecast depends on it"""
    model = scored_model.training_run.model
    layers = [model.layers[n] for n in sorted({node.layer for node in readers(model)})]
    assert layers, "There is no LSTM that training could reach."
    moves = [expect.liveliness(model, layer, rows.x_test[:500]) for layer in layers]
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


test_model_error = model_on_unseen(
    points=2,
    title="Trained well, your model forecasts unseen weeks better than ridge regression",
)

test_train_error = train_on_unseen(points=2)
