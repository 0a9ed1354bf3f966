# fails: test_train_teaches, test_new_kinds, test_train_error
# One-hot rows go into the sparse loss, which wants the kinds themselves.
def train(model, x_train, y_train):
    rows = keras.utils.to_categorical(y_train, 3)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model.fit(x_train, rows, epochs=5, verbose=0)
