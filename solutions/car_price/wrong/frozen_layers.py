# fails: test_nonlinearity, test_budget, test_model_error
# All layers are frozen, as after copying a recipe for transfer learning.
def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input(shape=(7,)),
            scaling,
            keras.layers.Dense(64, activation="relu", trainable=False),
            keras.layers.Dense(32, activation="relu", trainable=False),
            keras.layers.Dense(1, trainable=False),
            keras.layers.Rescaling(10_000.0, offset=10_000.0),
        ]
    )
