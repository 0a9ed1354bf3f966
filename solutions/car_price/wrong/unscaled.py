# fails: test_model_error
# Raw kilometres beside raw doors: the features are never scaled.
import keras


def build_model(x_train):
    return keras.Sequential(
        [
            keras.Input(shape=(7,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1),
        ]
    )


def train(model, x_train, y_train):
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mae")
    return model.fit(x_train, y_train, epochs=30, batch_size=32, verbose=0)
