# %%
import keras
import numpy as np


def build_model(x_train):
    low, high = x_train.min(axis=0), x_train.max(axis=0)
    inputs = keras.Input((7,))
    scaled = 2 * (inputs - low) / (high - low) - 1
    hidden = keras.layers.Dense(64, activation="tanh")(scaled)
    hidden = keras.layers.Dense(32, activation="tanh")(hidden)
    price = keras.layers.Dense(1)(hidden)
    return keras.Model(inputs, keras.layers.Rescaling(5000.0, offset=10000.0)(price))


def train(model, x_train, y_train):
    epochs = 50
    rate = keras.optimizers.schedules.CosineDecay(0.01, epochs * len(x_train) // 32)
    model.compile(keras.optimizers.Adam(rate), "mae")
    return model.fit(x_train, y_train, 32, epochs, verbose=0)


if __name__ == "__main__":
    table = np.loadtxt("cars.csv", delimiter=",", skiprows=1, dtype="float32")
    x, y = table[:, :-1], table[:, -1]
    model = build_model(x)
    print(train(model, x, y).history["loss"][-1])
