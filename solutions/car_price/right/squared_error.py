"""Honest: squared error on z-scores of the price; the model itself goes back to euros."""

import keras


def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input((x_train.shape[1],)),
            scaling,
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1, name="z_score"),
            keras.layers.Rescaling(3600.0, offset=10700.0),
        ]
    )


def train(model, x_train, y_train):
    inner = keras.Model(model.inputs, model.layers[-2].output)
    inner.compile(optimizer=keras.optimizers.Adam(0.002), loss="mse")
    z = (y_train - 10700.0) / 3600.0
    return inner.fit(x_train, z, epochs=50, batch_size=32, verbose=0)
