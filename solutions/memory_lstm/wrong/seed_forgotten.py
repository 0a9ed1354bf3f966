# fails: test_seeds
# Symbols come from the seed, flags from a generator that nobody has seeded.
def latch(n, length, n_symbols, seed):
    rng = np.random.default_rng(seed)
    symbols = rng.integers(n_symbols, size=(n, length))
    flags = np.random.random((n, length)) < 0.05
    flags[:, 0] = True
    last = np.maximum.accumulate(np.where(flags, np.arange(length), 0), axis=1)
    x = np.concatenate([np.eye(n_symbols)[symbols], flags[:, :, np.newaxis]], axis=2)
    return x.astype("float32"), np.take_along_axis(symbols, last, axis=1).astype("int32")
