# All in one table, an LSTM that returns every hour with attention over them, and the loss in logs.
import keras
import numpy as np
from keras import layers, ops


def make_windows(series, window):
    hours = len(series) - window
    lags = np.column_stack([series[lag : lag + hours] for lag in range(window + 1)])
    return np.expand_dims(lags[:, :-1], -1).astype(float), lags[:, [-1]].astype(float)


def build_model(x_train):
    day = keras.Input(shape=(24, 1))
    scaled = layers.Rescaling(1 / 6)(ops.log1p(day))
    hours = layers.LSTM(32, return_sequences=True)(scaled)
    scores = layers.Dense(1)(hours)
    weights = ops.softmax(scores, axis=1)
    summary = layers.Concatenate()([ops.sum(weights * hours, axis=1), hours[:, -1]])
    return keras.Model(day, ops.expm1(6 * layers.Dense(1, activation="sigmoid")(summary) + 0.5))


def train(model, x, y):
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_squared_logarithmic_error")
    first = model.fit(x, y, epochs=14, batch_size=64, verbose=0).history["loss"]
    model.optimizer.learning_rate = 0.002
    return {"loss": first + model.fit(x, y, epochs=6, batch_size=64, verbose=0).history["loss"]}
