# fails: test_output_shape, test_bends, test_model_error
# Mean and spread of the price in one output of two columns; broadcasting hides it from the loss.
def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input(shape=(7,)),
            scaling,
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(2),
            keras.layers.Rescaling(10_000.0, offset=10_000.0),
        ]
    )
