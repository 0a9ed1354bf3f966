# fails: test_sequence_shapes
# The dtypes are those that NumPy takes by itself.
def latch(n, length, n_symbols, seed):
    rng = np.random.default_rng(seed)
    symbols = rng.integers(n_symbols, size=(n, length))
    flags = rng.random((n, length)) < 0.05
    flags[:, 0] = True
    last = np.maximum.accumulate(np.where(flags, np.arange(length), 0), axis=1)
    x = np.concatenate([np.eye(n_symbols)[symbols], flags[:, :, np.newaxis]], axis=2)
    return x, np.take_along_axis(symbols, last, axis=1)
