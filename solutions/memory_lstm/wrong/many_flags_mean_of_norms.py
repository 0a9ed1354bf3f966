# fails: test_gradient_norms, test_chances, test_any_gradient_norms
# A flag at every fifth step: little to remember. The mean of the norms of single sequences.
def latch(n, length, n_symbols, seed):
    rng = np.random.default_rng(seed)
    symbols = rng.integers(n_symbols, size=(n, length))
    flags = rng.random((n, length)) < 0.2
    flags[:, 0] = True
    last = np.maximum.accumulate(np.where(flags, np.arange(length), 0), axis=1)
    x = np.concatenate([np.eye(n_symbols)[symbols], flags[:, :, np.newaxis]], axis=2)
    return x.astype("float32"), np.take_along_axis(symbols, last, axis=1).astype("int32")


def gradient_norms(model, x, y):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        losses = keras.losses.sparse_categorical_crossentropy(y[:, -1], model(x)[:, -1])
        loss = tf.reduce_mean(losses)
    return np.sqrt((tape.gradient(loss, x).numpy() ** 2).sum(axis=2)).mean(axis=0)
