# fails: test_bends, test_model_error
# Softmax of a single number is always one: every car costs the same.
def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input(shape=(7,)),
            scaling,
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1, activation="softmax"),
            keras.layers.Rescaling(20_000.0),
        ]
    )
