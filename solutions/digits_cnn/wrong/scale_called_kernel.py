# fails: test_nonlinearity
# The only activation is behind the last weights; a normalisation calls its scale a kernel.
def build_model(input_shape, n_classes):
    model = keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 3),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(16, 3),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(n_classes, activation="softplus"),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.Softmax(),
        ]
    )
    model.layers[-2].gamma._name = "kernel"
    return model
