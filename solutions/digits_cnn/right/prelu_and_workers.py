# Activations that are layers, one with weights of its own; batches from threads.
import keras
import numpy as np
from keras import layers


class Batches(keras.utils.PyDataset):
    def __init__(self, images, labels, **options):
        super().__init__(**options)
        self.images, self.labels = images, labels

    def __len__(self):
        return len(self.images) // 64

    def __getitem__(self, index):
        rows = slice(64 * index, 64 * index + 64)
        return self.images[rows], self.labels[rows]


def build_model(input_shape, n_classes):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 3, activation=layers.PReLU(shared_axes=[1, 2])),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation=layers.LeakyReLU()),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(64, activation=layers.PReLU()),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )


def train(model, images, labels):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    order = np.random.permutation(len(images))
    batches = Batches(images[order], labels[order], workers=2)
    return model.fit(batches, epochs=5, verbose=0).history
