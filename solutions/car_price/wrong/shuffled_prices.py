# fails: test_train_teaches, test_new_prices, test_train_error
# x and y are shuffled apart from each other: the prices belong to other cars.
import keras
import numpy as np


def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input(shape=(7,)),
            scaling,
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1),
            keras.layers.Rescaling(10_000.0, offset=10_000.0),
        ]
    )


def train(model, x_train, y_train):
    prices = np.random.default_rng(0).permutation(y_train)
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mae")
    return model.fit(x_train, prices, epochs=10, batch_size=32, verbose=0)
