# fails: test_model_error
# Raw counts into the LSTM, and nothing behind it that reaches hundreds.
import keras
import numpy as np
from keras import layers


def make_windows(series, window):
    starts = range(len(series) - window)
    x = np.array([series[start : start + window] for start in starts])
    return x[:, :, np.newaxis], series[window:].reshape(-1, 1)


def build_model(x_train):
    return keras.Sequential([keras.Input((24, 1)), layers.LSTM(16), layers.Dense(1)])


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 12 * len(x) // 64)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=12, batch_size=64, verbose=0)
