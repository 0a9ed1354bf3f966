"""Honest: two hidden layers and many epochs, ended by wines that train keeps aside itself."""

import keras
import numpy as np


def build_model(x_train, n_classes):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    layers = [keras.layers.Dense(32, activation="relu") for _ in range(2)]
    last = keras.layers.Dense(n_classes, activation="softmax")
    return keras.Sequential([keras.Input((13,)), scaling, *layers, last])


def train(model, x_train, y_train):
    order = np.random.permutation(len(x_train))
    x, y = x_train[order], y_train[order]
    stop = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return model.fit(x, y, validation_split=0.2, epochs=100, callbacks=[stop], verbose=0)
