"""Honest: augmentation layers inside the model; what they do happens in training only."""

import keras
from keras import layers


def build_model(input_shape, n_classes):
    augment = keras.Sequential(
        [layers.RandomTranslation(0.05, 0.05, fill_mode="constant")], name="augment"
    )
    return keras.Sequential(
        [
            keras.Input(shape=input_shape),
            layers.Rescaling(1 / 255),
            augment,
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )


def train(model, images, labels):
    model.compile(
        optimizer=keras.optimizers.Adam(0.003), loss=keras.losses.SparseCategoricalCrossentropy()
    )
    return model.fit(images, labels, epochs=8, batch_size=64, verbose=0)
