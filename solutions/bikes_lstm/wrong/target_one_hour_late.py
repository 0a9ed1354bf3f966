# fails: test_unseen_series
# range stops one too early, and the target is the hour after the next.
import keras
import numpy as np
from keras import layers, ops


def make_windows(series, window):
    x, y = [], []
    for start in range(len(series) - window - 1):
        x.append(series[start : start + window])
        y.append(series[start + window + 1])
    return np.array(x)[..., np.newaxis], np.array(y)[..., np.newaxis]


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    x = layers.LSTM(32)((ops.log1p(inputs) - mean) / std)
    x = layers.Dense(1)(x)
    return keras.Model(inputs, ops.expm1(x * std + mean))


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 12 * len(x) // 64)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=12, batch_size=64, verbose=0)
