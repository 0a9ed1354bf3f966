"""What the checks of bikes_lstm share: the training windows, your model, and one call of `train`."""

from functools import partial

import numpy as np
import pytest

from autograder.checks import measure_training, shared
from autograder.expect import Step, keras_model, kind_of, lstm, matching, rmse_log1p

pytest_plugins = ["autograder.checks.follow_through"]

DAY = 24
RELABELLED = 1500  # windows: enough to tell, and quick
SOME = 1000  # training windows are enough to see an error fall
OTHERS = {"GRU", "GRUCell", "SimpleRNN", "SimpleRNNCell"}


@shared
def bikes(data):
    """x (n, 24, 1) counts of 24 hours in a row, y (n, 1) the count of the hour after."""
    return data("bikes")


@pytest.fixture(scope="session")
def windows(student):
    """A function of a series and a window: your `make_windows`, as two arrays."""

    def make(series, window):
        pair = student.make_windows(series, window)
        two = isinstance(pair, list | tuple) and len(pair) == 2
        assert two, f"`make_windows` should return two arrays, (x, y); it returned {kind_of(pair)}."
        return tuple(_array(part, name) for part, name in zip(pair, "xy", strict=True))

    return make


def _array(part, name):
    array = part if isinstance(part, np.ndarray) else np.array(_rectangle(part, name))
    assert array.dtype.kind in "biuf" and array.ndim > 0, (
        f"`make_windows` should return {name} as an array of numbers; it is {kind_of(part)}."
    )
    return array


def _rectangle(part, name):
    """Return a list whose rows are of one length, as `make_windows` may well return one."""
    try:
        np.array(part)
    except ValueError:
        raise AssertionError(f"The rows of {name} should all have the same shape.") from None
    return part


@shared
def example():
    """A short series (hours,) in which no two stretches are alike."""
    return np.array([3, 14, 15, 9, 26, 5, 35, 8, 97, 93], dtype="float32")


@shared
def keeps_hours():
    """A function of x, series and window: whether row i of x is the series from hour i on."""

    def keeps(x, series, window):
        stretches = np.lib.stride_tricks.sliding_window_view(series, window)
        fits = 0 < len(x) <= len(stretches) and x.size == len(x) * window
        return fits and np.allclose(x.reshape(-1, window), stretches[: len(x)])

    return keeps


@shared
def build(bikes):
    """A function that calls `build_model`: yours, or, when grading, the instructor's."""
    return lambda owner: keras_model(owner.build_model(bikes.x_train), input_shape=(DAY, 1))


@shared
def readers():
    """A function of a model: the calls of its LSTMs, without any those of what is in their place.

    A GRU instead of an LSTM costs the point for the LSTM, and no other.
    """
    return lambda model: matching(model, lstm()) or matching(model, Step("a GRU", _is_recurrent))


def _is_recurrent(facts, node):
    if node.layer < 0:  # an operation, such as a sum
        return False
    layer = facts.layers[node.layer]
    return not OTHERS.isdisjoint((layer.class_name, *layer.wrapped))


@shared
def log_error():
    """A function of model, x and y: the RMSE of log(1 + count), forecasts below 0 taken as 0."""
    return lambda model, x, y: rmse_log1p(y, model.predict(x))


@pytest.fixture(scope="session")
def run_training(bikes, log_error, thresholds):
    """A function that has a model trained, by you or by the instructor, and measures it."""

    def run_training(trainer, model):
        x, y = bikes.x_train, bikes.y_train
        # Evenly from all seasons; they lie in the order of time.
        few = np.linspace(0, len(x) - 1, SOME).astype(int)
        return measure_training(
            trainer, model, x, y, partial(log_error, x=x[few], y=y[few]), thresholds
        )

    return run_training


@pytest.fixture(scope="session")
def follows(student, on_either_model, bikes, log_error, thresholds):
    """How well `train` learns other counts, reflected so that busy hours become quiet."""
    x, y = bikes.x_train[:RELABELLED], bikes.y_train[:RELABELLED]
    counts = y.min() + y.max() - y
    constant = float(np.std(np.log1p(counts)))
    shifted = rmse_log1p(counts, y + counts.mean() - y.mean()) / constant
    thresholds.baseline("relabelled_error", "the usual counts, shifted to the new mean", shifted)

    def once(model):
        student.train(model, x, counts)
        return thresholds.measure("relabelled_error", log_error(model, x, counts) / constant)

    return on_either_model(once)
