# fails: test_train_teaches, test_train_remembers
# train hangs a second LSTM into the model it is given.
def train(model, x, y):
    model.pop()
    model.add(keras.layers.LSTM(24, return_sequences=True))
    model.add(keras.layers.Dense(4, activation="softmax"))
    model.compile(keras.optimizers.Adam(0.03, clipnorm=1.0), "sparse_categorical_crossentropy")
    return model.fit(x, y, epochs=12, batch_size=50, verbose=0)
