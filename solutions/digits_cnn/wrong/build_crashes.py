# fails: test_output_shape, test_probabilities, test_convolution, test_nonlinearity, test_budget, test_convolution_learns, test_model_accuracy
# Flatten is forgotten and the layers do not fit; train is fine and keeps its points.
def build_model(input_shape, n_classes):
    x = inputs = keras.Input(input_shape)
    x = keras.layers.Conv2D(16, 3, activation="relu")(x)
    x = keras.layers.Reshape((100,))(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))
