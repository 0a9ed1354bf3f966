# Convolutions shorten the day to twelve steps of two hours before the LSTM reads it.
import keras
import numpy as np
from keras import layers, ops


def make_windows(series, window):
    rows = keras.utils.timeseries_dataset_from_array(
        np.asarray(series, "float32")[:-1, None],
        np.asarray(series, "float32")[window:, None],
        sequence_length=window,
        batch_size=4096,
    )
    pairs = [(x.numpy(), y.numpy()) for x, y in rows]
    return np.concatenate([x for x, _ in pairs]), np.concatenate([y for _, y in pairs])


def build_model(x_train):
    scaling = layers.Normalization(axis=None)
    scaling.adapt(np.log1p(x_train))
    inputs = keras.Input((24, 1))
    x = scaling(ops.log1p(inputs))
    x = layers.Conv1D(16, 3, padding="causal", activation="relu")(x)
    x = layers.Conv1D(24, 2, strides=2, activation="relu")(x)
    x = layers.LSTM(32)(x)
    x = layers.Dense(1)(x)
    return keras.Model(inputs, layers.Rescaling(120.0)(ops.softplus(x)))


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 18 * len(x) // 64)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="msle")
    return model.fit(x, y, epochs=18, batch_size=64, verbose=0)
