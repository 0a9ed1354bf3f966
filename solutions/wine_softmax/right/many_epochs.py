"""Honest and patient: 100 epochs; sure of itself, as networks become that are trained for long."""


def train(model, x_train, y_train):
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    return model.fit(x_train, y_train, epochs=100, batch_size=16, verbose=0)
