# fails: test_order_of_time, test_lstm_remembers
# The LSTM reads from the end, and its answers come out in this order.
def build_lstm(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.LSTM(16, return_sequences=True, go_backwards=True)(inputs)
    return keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))
