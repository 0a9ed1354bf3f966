# fails: test_train_teaches, test_new_kinds, test_train_error
# x and y are shuffled apart from each other: the kinds belong to other wines.
def train(model, x_train, y_train):
    kinds = np.random.default_rng(0).permutation(y_train)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    return model.fit(x_train, kinds, epochs=20, batch_size=16, verbose=0)
