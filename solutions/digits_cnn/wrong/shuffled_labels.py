# fails: test_train_teaches, test_new_labels, test_train_accuracy
# Images and labels are shuffled apart from each other.
import keras
import numpy as np


def build_model(input_shape, n_classes):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


def train(model, images, labels):
    shuffled = np.random.default_rng(0).permutation(labels)
    model.compile(keras.optimizers.Adam(0.001), "sparse_categorical_crossentropy")
    return model.fit(images, shuffled, epochs=2, batch_size=64, verbose=0)
