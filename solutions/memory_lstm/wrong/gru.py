# fails: test_lstm
# A GRU remembers, too, but an LSTM is asked for.
def build_lstm(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.GRU(16, return_sequences=True)(inputs)
    return keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))
