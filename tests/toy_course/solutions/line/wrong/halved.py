# fails: test_scale, test_fragile, test_prediction
# The scale is off by two and the model divides by zero.
import keras


def scale(values):
    return values / values.max() / 2


def build_model(x_train):
    return keras.Sequential(
        [keras.Input((7,)), keras.layers.Dense(1), keras.layers.Rescaling(1e39)]
    )
