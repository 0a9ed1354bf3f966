"""Leaks of the future and the order of time, in functions and in models of several spellings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops

from autograder import expect
from autograder.proxies.student import Model

Proxy = Callable[[keras.Model], Model]
Tensor: TypeAlias = Any
Array = np.ndarray[Any, Any]

HOURS, WINDOW = 40, 6
SERIES = np.random.default_rng(0).integers(0, 100, HOURS)


def inputs(series: Array) -> Array:
    return np.stack([series[i : i + WINDOW] for i in range(len(series) - WINDOW)])


def targets(series: Array) -> Array:
    return series[WINDOW:, None]


def scaled_by_all(series: Array) -> Array:
    return inputs(series) / series.max()


def scaled_by_itself(series: Array) -> Array:
    windows = inputs(series).astype("float64")
    return windows / (1 + windows.max(axis=1, keepdims=True))


HONEST = {
    "slices": inputs,
    "a loop": lambda s: [list(s[i : i + WINDOW]) for i in range(len(s) - WINDOW)],
    "strides": lambda s: np.lib.stride_tricks.sliding_window_view(s, WINDOW)[:-1, :, None],
    "each by its own maximum": scaled_by_itself,
}
LEAKING = {
    "target inside": lambda s: np.stack([s[i : i + WINDOW + 1] for i in range(len(s) - WINDOW)]),
    "one late": lambda s: np.stack([s[i + 1 : i + 1 + WINDOW] for i in range(len(s) - WINDOW)]),
    "scaled by the whole series": scaled_by_all,
    "smoothed with both neighbours": lambda s: inputs(np.convolve(s, [0.2, 0.6, 0.2], "same")),
    "as many rows as large values": lambda s: inputs(s)[: int((s < 100).sum()) - WINDOW],
    "backwards": lambda s: inputs(s[::-1].copy()),
}


@pytest.mark.parametrize("windows", HONEST.values(), ids=list(HONEST))
def test_windows_that_know_the_past_only(windows: Callable[[Array], Any]) -> None:
    assert expect.first_leak(windows, SERIES, lambda i: i + WINDOW) is None


@pytest.mark.parametrize("windows", LEAKING.values(), ids=list(LEAKING))
def test_windows_that_know_the_future(windows: Callable[[Array], Any]) -> None:
    assert expect.first_leak(windows, SERIES, lambda i: i + WINDOW) is not None


def test_targets_may_know_one_value_more() -> None:
    assert expect.first_leak(targets, SERIES, lambda i: i + WINDOW + 1) is None
    assert expect.first_leak(targets, SERIES, lambda i: i + WINDOW) == 0


def test_the_first_offending_row_is_named() -> None:
    def late(series: Array) -> Array:
        rows = inputs(series)
        rows[20, 0] = series[-1]
        return rows

    assert expect.first_leak(late, SERIES, lambda i: i + WINDOW) == 20


def test_the_series_itself_is_left_alone() -> None:
    series = SERIES.copy()

    def destructive(values: Array) -> Array:
        rows = inputs(values).copy()
        values[:] = 0
        return rows

    expect.first_leak(destructive, series, lambda i: i + WINDOW)
    assert np.array_equal(series, SERIES)


@settings(max_examples=30)
@given(st.integers(1, 8), st.integers(1, 5), st.integers(0, 50))
def test_a_shift_by_any_number_of_hours_is_found(window: int, shift: int, seed: int) -> None:
    series = np.random.default_rng(seed).normal(size=30)

    def shifted(values: Array) -> Array:
        starts = range(len(values) - window - shift)
        return np.stack([values[i + shift : i + shift + window] for i in starts])

    assert expect.first_leak(shifted, series, lambda i: i + window) == 0
    assert expect.first_leak(shifted, series, lambda i: i + shift + window) is None


def sequences(body: Callable[[Tensor], Tensor]) -> Callable[[], keras.Model]:
    def make() -> keras.Model:
        keras.utils.set_random_seed(1)
        x = keras.Input((12, 2))
        return keras.Model(x, body(x))

    return make


def attention(x: Tensor, **options: object) -> Tensor:
    return layers.MultiHeadAttention(2, 4)(x, x, **options)


CAUSAL = {
    "lstm": sequences(lambda x: layers.LSTM(3, return_sequences=True)(x)),
    "sequential": lambda: keras.Sequential(
        [keras.Input((12, 2)), layers.GRU(3, return_sequences=True), layers.Dense(1)]
    ),
    "causal convolution": sequences(lambda x: layers.Conv1D(3, 3, padding="causal")(x)),
    "convolution padded by hand": sequences(
        lambda x: layers.Conv1D(3, 3)(layers.ZeroPadding1D((2, 0))(x))
    ),
    "masked attention": sequences(lambda x: attention(x, use_causal_mask=True)),
    "step by step": sequences(lambda x: layers.Dense(3)(x)),
    "one number a step": sequences(lambda x: layers.LSTM(1, return_sequences=True)(x)[:, :, 0]),
}
PEEKING = {
    "bidirectional": sequences(
        lambda x: layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    ),
    "same convolution": sequences(lambda x: layers.Conv1D(3, 3, padding="same")(x)),
    "attention": sequences(attention),
    "mean of all": sequences(lambda x: x - ops.mean(x, axis=1, keepdims=True)),
    "dense over time": sequences(
        lambda x: layers.Reshape((12, 1))(layers.Dense(12)(layers.Flatten()(x)))
    ),
}


@pytest.mark.parametrize("make", CAUSAL.values(), ids=list(CAUSAL))
def test_models_that_know_the_past_only(make: Callable[[], keras.Model], proxy: Proxy) -> None:
    x = np.random.default_rng(0).normal(size=(8, 12, 2)).astype("float32")
    assert expect.first_leak_in_model(proxy(make()), x) is None


@pytest.mark.parametrize("make", PEEKING.values(), ids=list(PEEKING))
def test_models_that_know_the_future(make: Callable[[], keras.Model], proxy: Proxy) -> None:
    x = np.random.default_rng(0).normal(size=(8, 12, 2)).astype("float32")
    assert expect.first_leak_in_model(proxy(make()), x) == 0


def test_a_leak_over_tokens(proxy: Proxy) -> None:
    x = np.random.default_rng(0).integers(0, 20, (8, 12))

    def model(**options: object) -> keras.Model:
        tokens = keras.Input((12,), dtype="int32")
        return keras.Model(tokens, attention(layers.Embedding(20, 4)(tokens), **options))

    assert expect.first_leak_in_model(proxy(model(use_causal_mask=True)), x) is None
    assert expect.first_leak_in_model(proxy(model()), x) == 0


def test_a_model_without_steps_is_no_question(proxy: Proxy) -> None:
    model = sequences(lambda x: layers.LSTM(3)(x))()
    with pytest.raises(ValueError, match="one output for each step"):
        expect.first_leak_in_model(proxy(model), np.zeros((4, 12, 2), dtype="float32"))


COUNTS = np.random.default_rng(0).integers(1, 900, (30, 24, 1)).astype("float32")


def forecaster(body: Callable[[Tensor], Tensor]) -> Callable[[], keras.Model]:
    def make() -> keras.Model:
        keras.utils.set_random_seed(1)
        x = keras.Input((24, 1))
        return keras.Model(x, layers.Dense(1)(body(x)))

    return make


IN_ORDER = {
    "plain": forecaster(lambda x: layers.LSTM(4)(ops.log1p(x))),
    "sequential": lambda: keras.Sequential(
        [keras.Input((24, 1)), layers.Rescaling(0.01), layers.LSTM(4), layers.Dense(1)]
    ),
    "bidirectional": forecaster(lambda x: layers.Bidirectional(layers.LSTM(4))(x)),
    "rnn": forecaster(lambda x: layers.RNN(layers.LSTMCell(4))(x)),
    "a convolution before": forecaster(lambda x: layers.LSTM(4)(layers.Conv1D(4, 3)(x))),
    "a strided one": forecaster(lambda x: layers.LSTM(4)(layers.Conv1D(4, 4, strides=4)(x))),
    "the last twelve hours": forecaster(lambda x: layers.LSTM(4)(x[:, 12:])),
    "reversed, read backwards": forecaster(
        lambda x: layers.LSTM(4, go_backwards=True)(ops.flip(x, axis=1))
    ),
    "scaled by its own maximum": forecaster(
        lambda x: layers.LSTM(4)(x / (1 + ops.max(x, axis=1, keepdims=True)))
    ),
    "standardised by itself": forecaster(
        lambda x: layers.LSTM(4)(
            (x - ops.mean(x, axis=1, keepdims=True)) / (1 + ops.std(x, axis=1, keepdims=True))
        )
    ),
    "differences": forecaster(lambda x: layers.LSTM(4)(x[:, 1:] - x[:, :-1])),
    "same convolutions": forecaster(
        lambda x: layers.LSTM(4)(
            layers.Conv1D(8, 5, padding="same")(layers.Conv1D(8, 5, padding="same")(ops.log1p(x)))
        )
    ),
    "after attention": forecaster(
        lambda x: layers.LSTM(4)(layers.Add()([x, layers.MultiHeadAttention(1, 2)(x, x)]))
    ),
    "two features": forecaster(lambda x: layers.LSTM(4)(layers.Concatenate()([x, ops.log1p(x)]))),
}
SHUFFLE = np.random.default_rng(3).permutation(24)
OUT_OF_ORDER = {
    "reversed": forecaster(lambda x: layers.LSTM(4)(ops.flip(x, axis=1))),
    "reversed by slices": forecaster(lambda x: layers.LSTM(4)(x[:, ::-1])),
    "read backwards": forecaster(lambda x: layers.LSTM(4, go_backwards=True)(x)),
}


def first_lstm_order(model: Model) -> float:
    return expect.time_order(model, expect.matching(model, expect.lstm())[0], COUNTS)


@pytest.mark.parametrize("make", IN_ORDER.values(), ids=list(IN_ORDER))
def test_time_in_order(make: Callable[[], keras.Model], proxy: Proxy) -> None:
    assert first_lstm_order(proxy(make())) > 0.9


@pytest.mark.parametrize("make", OUT_OF_ORDER.values(), ids=list(OUT_OF_ORDER))
def test_time_reversed(make: Callable[[], keras.Model], proxy: Proxy) -> None:
    assert first_lstm_order(proxy(make())) < -0.9


def test_time_shuffled_or_gone(proxy: Proxy) -> None:
    shuffled = forecaster(lambda x: layers.LSTM(4)(ops.take(x, SHUFFLE, axis=1)))
    transposed = forecaster(lambda x: layers.LSTM(4)(layers.Permute((2, 1))(x)))
    repeated = forecaster(lambda x: layers.LSTM(4)(layers.RepeatVector(5)(layers.Flatten()(x))))
    assert abs(first_lstm_order(proxy(shuffled()))) < 0.6
    assert np.isnan(first_lstm_order(proxy(transposed())))
    assert first_lstm_order(proxy(repeated())) == 0
