"""Honest: no hidden layer, by the functional API; plain gradient descent with momentum."""

import keras


def build_model(x_train, n_classes):
    inputs = keras.Input((x_train.shape[1],))
    scaled = (inputs - x_train.mean(axis=0)) / x_train.std(axis=0)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(scaled))


def train(model, x_train, y_train):
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model.fit(x_train, y_train, epochs=60, batch_size=32, verbose=0)
