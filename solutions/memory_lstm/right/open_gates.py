# No Input layer, Keras's own random numbers, gates that begin open, clipped gradients, an own seed.
def latch(n, length, n_symbols, seed):
    symbols_from, flags_from = (keras.random.SeedGenerator(2 * seed + k) for k in (0, 1))
    symbols = keras.random.randint((n, length), 0, n_symbols, seed=symbols_from)
    flags = keras.random.uniform((n, length), seed=flags_from) < 0.05
    symbols, flags = (keras.ops.convert_to_numpy(part) for part in (symbols, flags))
    flags = np.where(np.arange(length) == 0, True, flags)
    y = symbols.copy()
    for step in range(1, length):
        y[:, step] = np.where(flags[:, step], symbols[:, step], y[:, step - 1])
    shown = np.eye(n_symbols)[symbols]
    return np.concatenate([shown, flags[..., None]], -1).astype("float32"), y.astype("int32")


def build_rnn(n_symbols, length):
    return keras.Sequential(
        [
            keras.layers.SimpleRNN(16, return_sequences=True, kernel_initializer="he_normal"),
            keras.layers.Dense(n_symbols, activation="softmax"),
        ]
    )


def build_lstm(n_symbols, length):
    opened = keras.initializers.Constant(1.5)
    gates = {"unit_forget_bias": False, "bias_initializer": opened}
    return keras.Sequential(
        [
            keras.layers.LSTM(16, return_sequences=True, **gates),
            keras.layers.Dense(n_symbols, activation="softmax"),
        ]
    )


def train(model, x, y):
    keras.utils.set_random_seed(42)
    model.compile(keras.optimizers.Adam(0.03, clipvalue=0.5), "sparse_categorical_crossentropy")
    return model.fit(x, y, epochs=10, batch_size=64, verbose=0)
