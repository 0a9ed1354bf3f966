# Reads the day in both directions; windows from a table of shifted columns.
import keras
import numpy as np
import pandas as pd
from keras import layers, ops


def make_windows(series, window):
    hours = pd.Series(series, dtype="float32")
    table = pd.concat([hours.shift(-lag) for lag in range(window + 1)], axis=1).dropna().to_numpy()
    return table[:, :window].reshape(-1, window, 1), table[:, window:]


def build_model(x_train):
    logs = np.log1p(x_train)
    inputs = keras.Input((24, 1))
    x = layers.Normalization(axis=None, mean=logs.mean(), variance=logs.var())(ops.log1p(inputs))
    x = layers.Bidirectional(layers.LSTM(20))(x)
    x = layers.Dropout(0.1)(x)
    forecast = layers.Dense(1)(x)
    return keras.Model(inputs, ops.exp(forecast + 4.0))


def train(model, x, y):
    def squared_log_error(y_true, y_pred):
        return ops.mean(ops.square(ops.log1p(y_true) - ops.log1p(y_pred)))

    slower = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, patience=1)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=squared_log_error)
    return model.fit(x, y, epochs=15, batch_size=64, callbacks=[slower], verbose=0)
