# fails: test_train_error
# Two hundred windows, left over from trying things out.
from keras import layers, ops


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    x = layers.LSTM(32)((ops.log1p(inputs) - mean) / std)
    x = layers.Dense(1)(x)
    return keras.Model(inputs, ops.expm1(x * std + mean))


def train(model, x, y):
    x, y = x[:200], y[:200]
    model.compile(keras.optimizers.Adam(0.01), "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=60, batch_size=32, verbose=0)
