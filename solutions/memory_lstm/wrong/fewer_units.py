# fails: test_plain_network
# The plain network is half the size.
def build_rnn(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.SimpleRNN(8, return_sequences=True)(inputs)
    return keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))
