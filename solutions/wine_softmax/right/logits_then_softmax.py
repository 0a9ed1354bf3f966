"""Honest: train fits the scores with from_logits=True; the model ends in a Softmax layer."""

import keras


def build_model(x_train, n_classes):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    inputs = keras.Input((13,))
    hidden = keras.layers.Dense(24, activation="tanh")(scaling(inputs))
    return keras.Model(inputs, keras.layers.Softmax()(keras.layers.Dense(n_classes)(hidden)))


def train(model, x_train, y_train):
    scores = keras.Model(model.inputs, model.layers[-2].output)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    scores.compile(keras.optimizers.Adam(0.01), loss)
    return scores.fit(x_train, y_train, epochs=40, batch_size=16, verbose=0)
