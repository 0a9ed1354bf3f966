# Counts scaled as they are, softplus instead of logarithms, and Keras's own log loss.
import keras
import numpy as np


def make_windows(series, window):
    runs = np.lib.stride_tricks.sliding_window_view(np.array(series, dtype=float), window + 1)
    return runs[:, :-1, None], runs[:, -1:]


def build_model(x_train):
    scaling = keras.layers.Normalization(axis=None)
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input(x_train.shape[1:]),
            scaling,
            keras.layers.LSTM(32),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="softplus"),
            keras.layers.Rescaling(float(x_train.mean())),
        ]
    )


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 24 * len(x) // 64)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=24, batch_size=64, verbose=0)
