"""Honest: separable convolutions with a skip connection, a learning rate that falls."""

import keras
from keras import layers


def build_model(input_shape, n_classes):
    inputs = keras.Input(shape=input_shape)
    x = layers.Normalization(mean=33.0, variance=78.0**2)(inputs)
    x = layers.Conv2D(24, 3, strides=2, padding="same", activation="relu")(x)
    y = layers.SeparableConv2D(24, 3, padding="same", activation="relu")(x)
    x = layers.add([x, y])
    x = layers.MaxPooling2D()(x)
    x = layers.SeparableConv2D(48, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))


def train(model, images, labels):
    steps = 8 * -(-len(images) // 64)
    rate = keras.optimizers.schedules.CosineDecay(0.006, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    return model.fit(images, labels, epochs=8, batch_size=64, verbose=0)
