# fails: test_sequence_shapes, test_plain_network
# The dtypes are those that NumPy takes by itself. The plain network is half the size.
def latch(n, length, n_symbols, seed):
    rng = np.random.default_rng(seed)
    symbols = rng.integers(n_symbols, size=(n, length))
    flags = rng.random((n, length)) < 0.05
    flags[:, 0] = True
    last = np.maximum.accumulate(np.where(flags, np.arange(length), 0), axis=1)
    x = np.concatenate([np.eye(n_symbols)[symbols], flags[:, :, np.newaxis]], axis=2)
    return x, np.take_along_axis(symbols, last, axis=1)


def build_rnn(n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.SimpleRNN(8, return_sequences=True)(inputs)
    return keras.Model(inputs, keras.layers.Dense(n_symbols, activation="softmax")(x))
