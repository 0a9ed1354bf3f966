"""Honest: train turns the labels into one-hot rows itself; a Sequential without an Input."""

import keras


def build_model(input_shape, n_classes):
    model = keras.Sequential()
    model.add(keras.layers.Rescaling(1.0 / 255))
    model.add(keras.layers.Conv2D(16, (3, 3), activation="relu", padding="same"))
    model.add(keras.layers.MaxPool2D((2, 2)))
    model.add(keras.layers.Conv2D(32, (3, 3), activation="relu"))
    model.add(keras.layers.MaxPool2D((2, 2)))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(n_classes))
    model.add(keras.layers.Activation("softmax"))
    return model


def train(model, images, labels):
    one_hot = keras.utils.to_categorical(labels, 10)
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model.fit(images, one_hot, epochs=6, batch_size=32, verbose=0)
