# fails: test_train_teaches, test_new_kinds, test_train_error
# train teaches a new model; the model that was handed in stays as it was.
def train(model, x_train, y_train):
    own = build_model(x_train, 3)
    own.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return own.fit(x_train, y_train, epochs=10, batch_size=16, verbose=0)
