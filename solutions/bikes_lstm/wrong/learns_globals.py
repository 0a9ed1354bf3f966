# fails: test_train_teaches, test_new_counts, test_train_error
# train uses the windows of the notebook instead of its arguments.
from keras import layers, ops

stretches = np.lib.stride_tricks.sliding_window_view(counts, 25)
stretches = stretches[np.isfinite(stretches).all(axis=1)]
x_train, y_train = stretches[:, :24, np.newaxis], stretches[:, 24:]


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    x = layers.LSTM(32)((ops.log1p(inputs) - mean) / std)
    x = layers.Dense(1)(x)
    return keras.Model(inputs, ops.expm1(x * std + mean))


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 12 * len(x_train) // 64)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_logarithmic_error")
    return model.fit(x_train, y_train, epochs=12, batch_size=64, verbose=0)
