# fails: test_bends, test_model_error
# The last relu is dead from the start: a constant predictor.
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
            keras.layers.Dense(
                1, activation="relu", bias_initializer=keras.initializers.Constant(-50.0)
            ),
            keras.layers.Rescaling(10_000.0, offset=10_000.0),
        ]
    )


def train(model, x_train, y_train):
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mae")
    return model.fit(x_train, y_train, epochs=30, batch_size=32, verbose=0)
