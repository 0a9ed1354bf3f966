# fails: test_train_teaches, test_new_prices, test_train_error
# The copy is trained and thrown away; the model that was handed in stays as it was.
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
    copy = keras.models.clone_model(model)
    copy.compile(optimizer=keras.optimizers.Adam(0.005), loss="mae")
    return copy.fit(x_train, y_train, epochs=5, batch_size=32, verbose=0)
