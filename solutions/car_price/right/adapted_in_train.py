# Scales in `train`, by adapt, and frees the layers one after the other; names and bounds of its own.
import keras
from keras import layers

BOUNDS = [12.0, 24.0, 36.0, 48.0, 60.0, 72.0]


def build_model(x_train):
    inputs = keras.Input((7,), name="kernel")
    age = layers.Discretization(bin_boundaries=BOUNDS)(inputs[:, 0])
    scaled = layers.Normalization(name="gamma")(inputs)
    x = layers.Concatenate(name="lstm")([scaled, layers.Embedding(7, 3)(age)])
    x = layers.Dense(48, activation="relu", name="first")(x)
    x = layers.Dropout(0.1)(x)
    x = layers.Dense(24, activation="relu", name="bias")(x)
    return keras.Model(inputs, layers.Rescaling(4000.0, 10_000.0)(layers.Dense(1)(x)))


def train(model, x_train, y_train):
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            layer.adapt(x_train)
    next(layer for layer in model.layers if isinstance(layer, layers.Dense)).trainable = False
    model.compile(keras.optimizers.Adam(0.005), "mae")
    model.fit(x_train, y_train, epochs=3, batch_size=32, verbose=0)
    for layer in model.layers:
        layer.trainable = True
        if isinstance(layer, layers.Dropout):
            layer.rate = 0.0
    slower = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.7, patience=2)
    model.compile(keras.optimizers.Adam(0.005), "mae", metrics=["mse"])
    return model.fit(x_train, y_train, epochs=40, batch_size=32, callbacks=[slower], verbose=0)
