# fails: test_convolution, test_convolution_learns
# Flatten first and dense layers after it: good enough for digits, but no convolution.
import keras


def build_model(input_shape, n_classes):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


def train(model, images, labels):
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model.fit(images, labels, epochs=3, batch_size=64, verbose=0)
