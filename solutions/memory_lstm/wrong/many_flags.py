# fails: test_chances
# A flag at every fifth step: there is little to remember.
def latch(n, length, n_symbols, seed):
    rng = np.random.default_rng(seed)
    symbols = rng.integers(n_symbols, size=(n, length))
    flags = rng.random((n, length)) < 0.2
    flags[:, 0] = True
    last = np.maximum.accumulate(np.where(flags, np.arange(length), 0), axis=1)
    x = np.concatenate([np.eye(n_symbols)[symbols], flags[:, :, np.newaxis]], axis=2)
    return x.astype("float32"), np.take_along_axis(symbols, last, axis=1).astype("int32")
