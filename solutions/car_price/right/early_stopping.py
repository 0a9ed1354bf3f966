"""Honest: scikit-learn splits the training cars again; early stopping keeps the best weights."""

import keras
import pandas as pd
from sklearn.model_selection import train_test_split


def build_model(x_train):
    table = pd.DataFrame(x_train)
    low, high = table.min().to_numpy("float32"), table.max().to_numpy("float32")
    inputs = keras.Input(shape=(7,))
    x = (inputs - low) / (high - low) * 4 - 2
    x = keras.layers.Dense(64, activation="relu", kernel_initializer="he_normal")(x)
    x = keras.layers.Dense(64, activation="relu", kernel_initializer="he_normal")(x)
    x = keras.layers.Dense(1)(x)
    return keras.Model(inputs, 10_000 + 4_000 * x)


def train(model, x_train, y_train):
    x_fit, x_stop, y_fit, y_stop = train_test_split(x_train, y_train, test_size=0.15)
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mae")
    return model.fit(
        x_fit,
        y_fit,
        validation_data=(x_stop, y_stop),
        epochs=60,
        batch_size=32,
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=6),
            keras.callbacks.EarlyStopping(patience=25, restore_best_weights=True),
        ],
        verbose=0,
    )
