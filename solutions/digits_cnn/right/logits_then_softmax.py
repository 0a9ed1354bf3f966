"""Honest: train fits the logits with from_logits=True; the model ends in a Softmax layer."""

import keras
from keras import layers


def build_model(input_shape, n_classes):
    return keras.Sequential(
        [
            layers.Input(input_shape),
            layers.Rescaling(2 / 255, offset=-1),
            layers.Conv2D(12, 5, activation="elu"),
            layers.AveragePooling2D(2),
            layers.Conv2D(24, 3, activation="elu"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(n_classes, name="logits"),
            layers.Softmax(),
        ]
    )


def train(model, images, labels):
    logits = keras.Model(model.inputs, model.layers[-2].output)
    logits.compile(
        optimizer=keras.optimizers.Adam(0.004),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return logits.fit(images, labels, epochs=8, batch_size=64, verbose=0)
