"""Checks of bikes_lstm that you can run yourself; they need the training hours only."""

import numpy as np

from autograder import expect
from autograder.checks import points
from autograder.checks.trained_model import budget, new_targets, shapes, train_teaches


@points(1)
def test_window_shapes(windows, example):
    """`make_windows` returns x of the shape (n, window, 1) and y of the shape (n, 1)"""
    for window in (3, 4):
        x, y = windows(example, window)
        assert x.ndim == 3 and x.shape[1:] == (window, 1), (
            f"For windows of {window} hours x should have the shape (n, {window}, 1): n windows, "
            f"{window} hours each, one number an hour. Yours has {x.shape}."
        )
        assert y.shape == (len(x), 1), (
            f"With {len(x)} windows in x, y should have the shape ({len(x)}, 1), yours has "
            f"{y.shape}."
        )


@points(1)
def test_window_hours(windows, example, keeps_hours):
    """Each window holds the counts of consecutive hours as they are, the earliest hour first"""
    for window in (3, 4):
        x, _ = windows(example, window)
        assert keeps_hours(x, example, window), (
            f"For the series {_words(example)} and windows of {window} hours, the first row of x "
            f"should hold {_words(example[:window])} and the second "
            f"{_words(example[1 : window + 1])}: the counts as they come, each window one hour "
            f"later. Yours hold {' and '.join(_words(row.ravel()) for row in x[:2])}."
        )


def _words(numbers):
    return "[" + ", ".join(f"{number:g}" for number in numbers[:12]) + "]"


test_shapes = shapes(points=1)


@points(1)
def test_lstm(student_model):
    """There is an LSTM on the way from the input to the forecast"""
    expect.on_path(student_model, expect.lstm())


@points(1)
def test_time_order(student_model, readers, rows, thresholds, record):
    """The hours reach the LSTM one after the other, in the order of time"""
    orders = [
        expect.time_order(student_model, node, rows.x_train) for node in readers(student_model)
    ]
    assert orders, "There is no LSTM that the hours could reach."
    # Of two that share the work, one may well read the day backwards.
    known = [order for order in orders if not np.isnan(order)]
    assert known, (
        "The LSTM should see the hours as steps, one after the other; what reaches yours is a "
        "single step. Its input has the shape (batch, steps, features): are hours and features "
        "exchanged?"
    )
    order = thresholds.measure("time_order", max(known))
    record(order)
    assert order.met, (
        "The hours should reach the LSTM in the order of time, the earliest first, the last one "
        "last. In your model they arrive reversed or shuffled."
    )


test_budget = budget(100_000, points=1)

test_train_teaches = train_teaches(points=1)

test_new_counts = new_targets(points=1)
