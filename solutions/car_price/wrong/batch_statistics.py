# fails: test_bends, test_model_error
# Scales by mean and deviation of whatever batch it is given: one car alone has no deviation.
from keras import layers, ops


def build_model(x_train):
    inputs = keras.Input((7,))
    scaled = (inputs - ops.mean(inputs, axis=0)) / (ops.std(inputs, axis=0) + 1e-6)
    hidden = layers.Dense(64, activation="relu")(scaled)
    prices = layers.Rescaling(10_000.0)(layers.Dense(1, activation="softplus")(hidden))
    return keras.Model(inputs, prices)
