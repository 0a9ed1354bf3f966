# fails: test_lstm, test_plain_network
# A running sum takes everything along, whatever the recurrent layers do.
def build_rnn(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    both = keras.ops.concatenate([inputs, 0.05 * keras.ops.cumsum(inputs, axis=1)], axis=2)
    x = keras.layers.SimpleRNN(16, return_sequences=True)(both)
    return keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))


def build_lstm(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    both = keras.ops.concatenate([inputs, 0.05 * keras.ops.cumsum(inputs, axis=1)], axis=2)
    x = keras.layers.LSTM(16, return_sequences=True)(both)
    return keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))
