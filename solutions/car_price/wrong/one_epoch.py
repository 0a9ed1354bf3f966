# fails: test_train_teaches, test_new_prices, test_train_error
# One epoch of large batches: the network has hardly begun.
import keras


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
    model.compile(optimizer="adam", loss="mae")
    return model.fit(x_train, y_train, epochs=1, batch_size=128, verbose=0)
