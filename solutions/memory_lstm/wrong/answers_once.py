# fails: test_shapes, test_order_of_time, test_lstm_remembers
# return_sequences is missing: a single answer for the whole sequence.
def build_lstm(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.LSTM(16)(inputs)
    return keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))
