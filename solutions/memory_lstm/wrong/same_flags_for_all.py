# fails: test_chances
# All sequences have their flags at the same steps.
def latch(n, length, n_symbols, seed):
    rng = np.random.default_rng(seed)
    symbols = rng.integers(n_symbols, size=(n, length))
    flags = np.tile(rng.random(length) < 0.05, (n, 1))
    flags[:, 0] = True
    last = np.maximum.accumulate(np.where(flags, np.arange(length), 0), axis=1)
    x = np.concatenate([np.eye(n_symbols)[symbols], flags[:, :, np.newaxis]], axis=2)
    return x.astype("float32"), np.take_along_axis(symbols, last, axis=1).astype("int32")
