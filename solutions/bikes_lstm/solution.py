# %% [markdown] id="title"
# # How many bicycles in the next hour?
#
# A city rents out bicycles and counts, hour by hour, how many. From the last 24 counts you forecast
# the next one. You write three functions: `make_windows` cuts a series into examples,
# `build_model` makes a network with an LSTM, and `train` teaches it. Your network should do better
# than ridge regression, in weeks that neither you nor the network have ever seen.
#
# What you learn: how a series becomes examples without a look into the future, what an LSTM takes
# and returns, scaling *inside* a model, and which simple forecasts any network has to beat.

# %% id="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

# %% [markdown] id="data"
# ## The data
#
# `bikes.csv` lies beside this notebook: every hour from 1 January to 7 August 2011 in Washington,
# D.C.
#
# | column | meaning | unit |
# | --- | --- | --- |
# | time | when the hour began | |
# | **bikers** | **what you forecast** | **rentals in this hour** |
#
# Some hours are missing; their count is empty, `nan` in pandas. A window must not reach across
# such a gap, so the series falls into `pieces` without any. They are in the order of time.

# %% id="load-data"
WINDOW = 24
table = pd.read_csv("bikes.csv", parse_dates=["time"])
counts = table["bikers"].to_numpy("float32")
gaps = np.flatnonzero(np.isnan(counts))
pieces = [piece[~np.isnan(piece)] for piece in np.split(counts, gaps)]
pieces = [piece for piece in pieces if len(piece) > WINDOW]
print(len(counts), "hours,", len(gaps), "missing,", len(pieces), "pieces of more than a day")
table.plot(x="time", y="bikers", figsize=(12, 3), linewidth=0.5, legend=False)
plt.show()

# %% [markdown] id="make-windows-statement"
# ## 1. The windows
#
# `make_windows(series, window)` returns `(x, y)`:
#
# - `series` is one piece: counts of consecutive hours, an array of shape `(hours,)`, whole numbers
#   or floats, always longer than `window`.
# - `x` has the shape `(n, window, 1)`: each row is `window` hours in a row, **the earliest first**,
#   and the last axis says that there is one number an hour.
# - `y` has the shape `(n, 1)`: the count of **the very next hour** after each window.
# - One window begins at every hour that leaves room for it and its target, so
#   `n = len(series) - window`, in the order of time. A series one hour longer than the window
#   gives one row.
# - The counts stay as they are. Scaling belongs into the model; and a mean or a maximum over the
#   whole series would tell early windows about the future.
#
# An example: the series 10, 20, 30, 40, 50 with windows of 3 hours gives two rows, 10, 20, 30 with
# the target 40, and 20, 30, 40 with the target 50.


# %% id="make-windows"
def make_windows(series: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every stretch of `window` hours, (n, window, 1), and the hour after it, (n, 1).

    series: (hours,) counts of consecutive hours, hours > window; n = hours - window.
    """
    ### BEGIN SOLUTION
    stretches = np.lib.stride_tricks.sliding_window_view(np.asarray(series), window + 1)
    return stretches[:, :window, np.newaxis].copy(), stretches[:, window:].copy()
    ### END SOLUTION


# %% [markdown] id="make-windows-demo-text"
# Try it on the example, then on all pieces. The grader has windows of its own for what follows:
# mistakes here do not cost points there.

# %% id="make-windows-demo" tags=["demo"]
x, y = make_windows(np.array([10, 20, 30, 40, 50]), 3)
print("x", x[:, :, 0].tolist(), "should be [[10, 20, 30], [20, 30, 40]]")
print("y", y.tolist(), "should be [[40], [50]]")
windows = [make_windows(piece, WINDOW) for piece in pieces]
x_train = np.concatenate([x for x, _ in windows])
y_train = np.concatenate([y for _, y in windows])
print("x", x_train.shape, "should be (4010, 24, 1); y", y_train.shape, "should be (4010, 1)")

# %% [markdown] id="build-model-statement"
# ## 2. The model
#
# `build_model(x_train)` returns a Keras model, not yet trained:
#
# - **input** `(None, 24, 1)`: the counts of 24 hours as they come. Counts go from 1 at night to
#   more than 600, which is too much for an LSTM, so the first thing your *model* does is to scale
#   them. That is what `x_train` is for: a `keras.layers.Normalization(axis=None)` with `adapt`, or
#   your own mean and standard deviation in a functional model. The logarithm,
#   `keras.ops.log1p(inputs)`, helps a lot: to go from 5 to 10 is then as far as from 100 to 200.
# - **output** `(None, 1)`: the count of the next hour, a count again and neither a logarithm nor a
#   share. `keras.ops.expm1` turns a logarithm back, a `keras.layers.Rescaling` a share.
# - in between **an LSTM** on the way from the input to the output: `keras.layers.LSTM`, also
#   within `Bidirectional`, or `RNN` over `LSTMCell`. It takes `(batch, steps, features)`. GRU and
#   SimpleRNN are good layers too, but not what this is about. What else you put before, beside or
#   behind it is yours to choose.
# - The hours reach the LSTM **as steps and in the order of time**: convolutions may make fewer
#   steps of them, but they are not reversed, shuffled or folded into a single step.
# - The forecast **depends on the LSTM**, and training moves its weights: it is neither switched
#   off nor frozen.
# - **at most 100,000 parameters** in all, constants included. A few thousand do.
#
# Use `Sequential`, the functional API or a class of your own with Keras's built-in layers and
# `keras.ops`. The grader rebuilds your model from the calls it consists of. Should it meet
# something it cannot read, `autograder check` tells you so before you hand in.


# %% id="build-model"
def build_model(x_train: np.ndarray) -> keras.Model:
    """Return an untrained model for the count of the next hour.

    x_train: (n, 24, 1) float32, the training windows; only to find their scale.
    The model takes (batch, 24, 1) counts and returns (batch, 1) counts.
    """
    ### BEGIN SOLUTION
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input(shape=x_train.shape[1:])
    x = (keras.ops.log1p(inputs) - mean) / std
    x = keras.layers.LSTM(32)(x)
    x = keras.layers.Dense(16, activation="relu")(x)
    forecast = keras.layers.Dense(1)(x)
    return keras.Model(inputs, keras.ops.expm1(forecast * std + mean))
    ### END SOLUTION


# %% [markdown] id="build-model-demo-text"
# Try it: untrained forecasts should be finite numbers, one a window.

# %% id="build-model-demo" tags=["demo"]
model = build_model(x_train)
model.summary()
print(model.predict(x_train[:3], verbose=0))

# %% [markdown] id="train-statement"
# ## 3. The training
#
# `train(model, x, y)` compiles and fits **the model it is given** and returns the `History`:
#
# - It changes `model` in place. What you do to a copy, or to a model that `train` builds itself,
#   is lost. The layers stay as `build_model` made them: `train` moves their weights, and adds
#   and exchanges none.
# - It learns from **its arguments**, all of them. A grader also calls it with other counts for
#   some of the windows, where busy hours are quiet and quiet ones busy.
# - Forecasts are judged by the **root mean squared error of log(1 + count)**: ten bicycles instead
#   of five are as bad as two hundred instead of a hundred. Keras has this loss; it is called
#   `mean_squared_logarithmic_error`. A network taught with the squared error of the counts
#   themselves cares for rush hours only and mostly ends behind ridge regression. A forecast below 0
#   is taken as 0.
# - Ten to twenty epochs take seconds. The usual learning rate of 0.001 is slow here; 0.01 that
#   falls towards the end works well.
#
# The `History` is shown to you and your instructor, but nobody believes it: the grader measures
# the error itself.


# %% id="train"
def train(model: keras.Model, x: np.ndarray, y: np.ndarray) -> keras.callbacks.History:
    """Fit `model` in place and return its History.

    model: from `build_model`. x: (n, 24, 1) float32 counts. y: (n, 1) float32 counts.
    """
    ### BEGIN SOLUTION
    epochs, batch_size = 20, 64
    steps = epochs * -(-len(x) // batch_size)
    rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0)
    ### END SOLUTION


# %% [markdown] id="train-demo-text"
# Try it as the grader will: learn from the earlier hours, forecast the later ones. What do simple
# forecasts reach there? Ridge regression is a straight line in the logarithms of the same 24
# counts, fitted by least squares with a small penalty on its weights.

# %% id="train-demo" tags=["demo"]
early, late = slice(None, 3200), slice(3200 + WINDOW, None)  # no hour lies in both
model = build_model(x_train[early])
history = train(model, x_train[early], y_train[early])
plt.plot(getattr(history, "history", history)["loss"])
plt.xlabel("epoch")
plt.ylabel("loss")
plt.show()


def error(forecast):
    logs = np.log1p(np.maximum(np.ravel(forecast), 0))
    return np.sqrt(np.mean((logs - np.log1p(y_train[late, 0])) ** 2))


def lines(x):
    return np.column_stack([np.log1p(x[:, :, 0].astype("float64")), np.ones(len(x))])


penalty = np.diag([1.0] * WINDOW + [0.0])
known = lines(x_train[early])
weights = np.linalg.solve(known.T @ known + penalty, known.T @ np.log1p(y_train[early, 0]))
print(f"the hour before       {error(x_train[late, -1]):.3f}")
print(f"the same hour, a day before {error(x_train[late, 0]):.3f}")
print(f"ridge regression      {error(np.expm1(lines(x_train[late]) @ weights)):.3f}")
print(f"your network          {error(model.predict(x_train[late], verbose=0)):.3f}")

# %% [markdown] id="scoring"
# ## How it is scored
#
# | points | check | you can run it |
# | ---: | --- | --- |
# | 1 | windows: x `(n, window, 1)`, y `(n, 1)` | yes |
# | 1 | windows: x holds the counts of consecutive hours as they are | yes |
# | 1 | windows: on series you have not seen, y is the very next hour, all windows are there, and changing later hours changes no earlier row | |
# | 1 | input `(None, 24, 1)`, output `(None, 1)` | yes |
# | 1 | an LSTM between input and output | yes |
# | 1 | the hours reach it as steps, in the order of time | yes |
# | 1 | at most 100,000 parameters | yes |
# | 1 | the forecast of the trained model depends on the LSTM, and training has moved its weights | |
# | 1 | `train` moves the weights of its model, and the training error falls | yes |
# | 1 | `train` also learns other counts for the same windows | yes |
# | 2 | your **model** in unseen weeks | |
# | 2 | your **training** in unseen weeks | |
#
# **14 points.** Unseen weeks lie after the training hours. All points there are for an error in
# log(1 + count) below that of ridge regression on the same 24 hours, none for that of the better of
# two simple forecasts, the hour before and the same hour a day before, and the share in between
# grows evenly. Each function is judged by itself: the grader trains with windows of its own, and
# when `build_model` or `train` fails, the other is tried together with the instructor's. A call may
# take half a minute, or fifteen times what the instructor's solution needs, whichever is more.
#
# Classic mistakes: a target that is the last hour of its own window, or one hour late; hours and
# features exchanged, so that the LSTM sees a single step; scaling outside the model; forecasting
# the logarithm and never going back to counts; stopping after an epoch or two; in a loss of your
# own, counts of shape `(n,)` against forecasts of shape `(n, 1)`.
