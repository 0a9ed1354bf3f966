"""Honest: the functional API, (x - mean) / std with keras.ops, the price scaled by hand."""

import keras
import numpy as np
from keras import ops


def build_model(x_train):
    mean = x_train.mean(axis=0)
    std = x_train.std(axis=0)
    inputs = keras.Input(shape=(x_train.shape[1],))
    x = (inputs - mean) / std
    x = ops.relu(keras.layers.Dense(64)(x))
    x = keras.layers.Dense(32, activation="relu")(x)
    price = keras.layers.Dense(1)(x) * 3000.0 + 10000.0
    return keras.Model(inputs, price)


def train(model, x_train, y_train):
    order = np.random.permutation(len(x_train))
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mae")
    return model.fit(x_train[order], y_train[order], epochs=40, batch_size=32, verbose=0)
