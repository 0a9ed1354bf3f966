# fails: test_budget
# More is better? Two layers of 400 units hold 164,000 parameters.
def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input(shape=(7,)),
            scaling,
            keras.layers.Dense(400, activation="relu"),
            keras.layers.Dense(400, activation="relu"),
            keras.layers.Dense(1),
            keras.layers.Rescaling(10_000.0, offset=10_000.0),
        ]
    )
