"""Honest: a training loop of its own; what it returns is a dict of lists, not a keras History."""

import keras
import numpy as np


def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    layers = [keras.Input((7,)), scaling]
    layers += [keras.layers.Dense(40, activation="tanh") for _ in range(2)]
    layers += [keras.layers.Dense(1), keras.layers.Rescaling(4000.0, 10000.0)]
    return keras.Sequential(layers)


def train(model, x_train, y_train):
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mae")
    history = {"loss": []}
    rng = np.random.default_rng()
    for epoch in range(40):
        model.optimizer.learning_rate = 0.005 * 0.93**epoch
        losses = []
        for rows in np.array_split(rng.permutation(len(x_train)), len(x_train) // 32):
            losses.append(float(model.train_on_batch(x_train[rows], y_train[rows])))
        history["loss"].append(sum(losses) / len(losses))
    return history
