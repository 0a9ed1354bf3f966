# Two layers of a kind, Keras's own random numbers, forget gates that begin wide open, clipped gradients.
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
            keras.layers.SimpleRNN(12, return_sequences=True, recurrent_dropout=0.1),
            keras.layers.Dense(n_symbols, activation="softmax"),
        ]
    )


def build_lstm(n_symbols, length):
    wide = keras.initializers.Constant(1.5)
    return keras.Sequential(
        [
            keras.layers.LSTM(
                16, return_sequences=True, unit_forget_bias=False, bias_initializer=wide
            ),
            keras.layers.LSTM(12, return_sequences=True),
            keras.layers.Dense(n_symbols, activation="softmax"),
        ]
    )


def train(model, x, y):
    keras.utils.set_random_seed(42)
    model.compile(keras.optimizers.Adam(0.02, clipvalue=0.5), "sparse_categorical_crossentropy")
    return model.fit(x, y, epochs=7, batch_size=32, verbose=0)
