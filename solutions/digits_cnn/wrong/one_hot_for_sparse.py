# fails: test_train_teaches, test_new_labels, test_train_accuracy
# One-hot rows go into the sparse loss, which wants the digits themselves.
def train(model, images, labels):
    rows = keras.utils.to_categorical(labels, 10)
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model.fit(images, rows, epochs=3, batch_size=64, verbose=0)
