# keras.layers.RNN around an LSTMCell, with a dense layer at every hour before it.
import keras
import numpy as np
from keras import layers, ops


def make_windows(series, window):
    x, y = [], []
    for now in range(window, len(series)):
        x.append([[count] for count in series[now - window : now]])
        y.append([series[now]])
    return np.array(x), np.array(y)


def build_model(x_train):
    inputs = keras.Input((24, 1), name="last_day")
    x = layers.TimeDistributed(layers.Dense(8, activation="tanh"))(ops.log(1 + inputs) / 5)
    x = layers.RNN(layers.LSTMCell(32))(x)
    x = layers.Dense(32, activation="relu")(x)
    logs = layers.Dense(1, bias_initializer=keras.initializers.Constant(4.0))(x)
    return keras.Model(inputs, ops.expm1(logs))


def train(model, x, y):
    slower = keras.optimizers.schedules.ExponentialDecay(0.01, 60, 0.85)
    model.compile(
        optimizer=keras.optimizers.AdamW(slower, clipnorm=1.0),
        loss=keras.losses.MeanSquaredLogarithmicError(),
        metrics=["mae"],
    )
    return model.fit(x, y, epochs=16, batch_size=64, validation_split=0.05, verbose=0)
