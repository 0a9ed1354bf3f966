# fails: test_train_teaches, test_new_labels, test_train_accuracy
# train uses the notebook's arrays instead of its arguments.
import keras
import numpy as np

with np.load("digits.npz") as archive:
    all_images, all_labels = archive["images"], archive["labels"]


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
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model.fit(all_images, all_labels, epochs=3, batch_size=64, verbose=0)
