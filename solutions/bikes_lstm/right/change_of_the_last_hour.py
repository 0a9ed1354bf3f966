# The network only says by what factor the last count changes; the count itself goes around it.
import keras
import numpy as np
from keras import layers, ops


def make_windows(series, window):
    series = list(map(float, series))
    starts = range(len(series) - window)
    x = np.array([series[i : i + window] for i in starts]).reshape(-1, window, 1)
    return x, np.array([series[i + window] for i in starts]).reshape(-1, 1)


def build_model(x_train):
    spread = float(np.log1p(x_train).std())
    inputs = keras.Input((24, 1))
    logs = ops.log1p(inputs)
    last = logs[:, -1]
    x = layers.LSTM(40)((logs - logs[:, -1:]) / spread)
    x = layers.Concatenate()([x, last])
    x = layers.Dense(16, activation="tanh")(x)
    change = layers.Dense(1)(x)
    return keras.Model(inputs, ops.expm1(ops.relu(last + change)))


def train(model, x, y):
    stop = keras.callbacks.EarlyStopping(patience=4, restore_best_weights=True)
    model.compile(optimizer=keras.optimizers.Adam(0.006), loss="msle")
    return model.fit(
        x, y, epochs=20, batch_size=64, validation_split=0.1, callbacks=[stop], verbose=0
    )
