# fails: test_convolution_learns
# The convolutions are on the way, times zero: nothing of what they find arrives.
def build_model(input_shape, n_classes):
    inputs = keras.Input(input_shape)
    scaled = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(8, 3, strides=2, activation="relu")(scaled)
    x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Dense(128)(keras.layers.Flatten()(x))
    y = keras.layers.Dense(128)(keras.layers.Flatten()(scaled))
    x = keras.layers.ReLU()(0.0 * x + y)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
