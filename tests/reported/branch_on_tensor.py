import numpy as np
import tensorflow as tf
from tensorflow import keras


class Standardise(keras.layers.Layer):
    """Tensors are standardised here; arrays are taken to be standardised already by prepare()."""

    def __init__(self, mean, std, **kwargs):
        super().__init__(**kwargs)
        self.mean = np.asarray(mean, "float32")
        self.std = np.asarray(std, "float32")

    def call(self, x):
        if isinstance(x, tf.Tensor):
            x = (x - self.mean) / self.std
        return x


def build_model(x_train):
    return keras.Sequential([
        keras.Input((7,)),
        Standardise(x_train.mean(axis=0), x_train.std(axis=0)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(1, activation="softplus"),
        keras.layers.Rescaling(10_000.0),
    ])


def train(model, x_train, y_train):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 35 * 32)
    model.compile(keras.optimizers.Adam(rate), loss="mae")
    return model.fit(x_train, y_train, epochs=35, batch_size=32, verbose=0)
