# fails: test_train_teaches, test_new_kinds, test_train_error
# train uses the notebook's table instead of its arguments.
x_all, y_all = x_train, y_train


def train(model, x_train, y_train):
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return model.fit(x_all, y_all, epochs=40, batch_size=16, verbose=0)
