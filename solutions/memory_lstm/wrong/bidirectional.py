# fails: test_order_of_time
# Half of the layer reads from the end.
def build_lstm(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.Bidirectional(keras.layers.LSTM(8, return_sequences=True))(inputs)
    return keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))


def build_rnn(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.Bidirectional(keras.layers.SimpleRNN(8, return_sequences=True))(inputs)
    return keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))
