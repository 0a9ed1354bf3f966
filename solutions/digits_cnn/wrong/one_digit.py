# fails: test_convolution_learns, test_model_accuracy
# The last layer starts at zero and is frozen there: every image gets the same answer.
def build_model(input_shape, n_classes):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(
                n_classes, activation="softmax", kernel_initializer="zeros", trainable=False
            ),
        ]
    )
