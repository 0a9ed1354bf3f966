"""Honest: strides instead of pooling, the functional API, a cast and a division with keras.ops."""

import keras
from keras import layers, ops


def build_model(input_shape, n_classes):
    inputs = keras.Input(shape=input_shape, dtype="uint8")
    x = ops.cast(inputs, "float32") / 255.0
    x = layers.Conv2D(16, 3, strides=2, padding="same")(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(32, 5, strides=2, padding="same")(x)
    x = layers.ReLU()(x)
    x = layers.SpatialDropout2D(0.2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(64, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))


def train(model, images, labels):
    model.compile(
        optimizer=keras.optimizers.Adam(0.002),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model.fit(images, labels, epochs=8, batch_size=64, validation_split=0.05, verbose=0)
