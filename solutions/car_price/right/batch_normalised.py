"""Honest: BatchNormalization as the first layer learns the scale of the features while training."""

import keras
from keras import layers


def build_model(x_train):
    inputs = layers.Input(shape=(7,))
    x = layers.BatchNormalization(momentum=0.9)(inputs)
    x = layers.Dense(64)(x)
    x = layers.ReLU()(x)
    x = layers.Dense(32)(x)
    x = layers.ELU()(x)
    outputs = layers.Rescaling(10000.0)(layers.Dense(1, activation="softplus")(x))
    return keras.Model(inputs=inputs, outputs=outputs)


def train(model, x_train, y_train):
    epochs, batch_size = 40, 64
    rate = keras.optimizers.schedules.PolynomialDecay(0.01, epochs * len(x_train) // batch_size)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=keras.losses.Huber(500.0))
    return model.fit(x_train, y_train, epochs=epochs, batch_size=batch_size, verbose=0)
