# fails: test_lstm
# Causal attention looks the symbol up; the LSTM need not remember it.
def build_lstm(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.LSTM(16, return_sequences=True)(inputs)
    x = x + keras.layers.MultiHeadAttention(2, 8)(x, x, use_causal_mask=True)
    return keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))
