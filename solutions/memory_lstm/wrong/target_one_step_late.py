# fails: test_sequences, test_any_sequences
# The target is what was to be remembered before this step.
def latch(n, length, n_symbols, seed):
    rng = np.random.default_rng(seed)
    symbols = rng.integers(n_symbols, size=(n, length))
    flags = rng.random((n, length)) < 0.05
    flags[:, 0] = True
    last = np.maximum.accumulate(np.where(flags, np.arange(length), 0), axis=1)
    y = np.take_along_axis(symbols, last, axis=1)
    y[:, 1:] = y[:, :-1].copy()
    x = np.concatenate([np.eye(n_symbols)[symbols], flags[:, :, np.newaxis]], axis=2)
    return x.astype("float32"), y.astype("int32")
