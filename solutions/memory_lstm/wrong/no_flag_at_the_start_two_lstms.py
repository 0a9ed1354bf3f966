# fails: test_sequences, test_plain_network, test_any_sequences
# Step 0 is a step as any other; before the first flag the symbol is 0. Both networks are LSTMs.
def latch(n, length, n_symbols, seed):
    rng = np.random.default_rng(seed)
    symbols = rng.integers(n_symbols, size=(n, length))
    flags = rng.random((n, length)) < 0.05
    y = np.zeros((n, length), "int32")
    for step in range(length):
        y[:, step] = np.where(flags[:, step], symbols[:, step], y[:, step - 1] if step else 0)
    x = np.concatenate([np.eye(n_symbols)[symbols], flags[:, :, np.newaxis]], axis=2)
    return x.astype("float32"), y


def build_rnn(n_symbols, length):
    return build_lstm(n_symbols, length)
