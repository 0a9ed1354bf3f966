# fails: test_train_teaches, test_new_prices, test_train_error
# train teaches the logarithm of the price, and nothing in the model turns it back into euros.
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
        ]
    )


def train(model, x_train, y_train):
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mse")
    return model.fit(x_train, np.log(y_train), epochs=10, batch_size=32, verbose=0)
