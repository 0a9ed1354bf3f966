# fails: test_train_teaches, test_new_prices, test_train_error
# train uses the notebook's table instead of its arguments.
import keras
import pandas as pd

table = pd.read_csv("cars.csv").astype("float32")
features = table.drop(columns="Price").to_numpy()
prices = table["Price"].to_numpy()


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
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mae")
    return model.fit(features, prices, epochs=30, batch_size=32, verbose=0)
