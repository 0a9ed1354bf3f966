"""What the checks of bikes_lstm share: what is asked for, your windows, and the LSTMs of a model."""

import numpy as np
import pytest

from autograder.checks import shared
from autograder.checks.trained_model import (
    Error,
    TrainedModel,
    Words,
    evenly,
    first,
    reflected,
)
from autograder.expect import Step, kind_of, lstm, matching, rmse_log1p

pytest_plugins = ["autograder.checks.trained_model.fixtures"]

OTHERS = {"GRU", "GRUCell", "SimpleRNN", "SimpleRNNCell"}

exercise = TrainedModel(
    data="bikes",  # x (n, 24, 1) counts of 24 hours in a row, y (n, 1) the count of the hour after
    input_shape=(24, 1),
    output_shape=(1,),
    metric=Error(rmse_log1p, name="the error in log(1 + count)"),  # forecasts below 0 taken as 0
    constant=lambda counts: np.expm1(np.log1p(counts.astype("float64")).mean()),
    relabelled=reflected,
    relabelled_rows=first(1500),  # enough to tell, and quick
    relabelled_baselines={
        "the usual counts, shifted to the new mean": lambda other: (
            other.usual + other.new.mean() - other.usual.mean()
        )
    },
    watched=evenly(1000),  # enough to see an error fall; the windows lie in the order of time
    words=Words(
        rows="windows",
        unseen="weeks",
        targets="counts",
        answers="forecasts",
        takes="24 hours with one number each",
        returns="one forecast",
        relabelled="busy hours become quiet",
        constant="one count for all",
    ),
)


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
