# fails: test_budget
# 120,000 numbers that are no weights: the bounds of discretisations, one of them within a wrapper.
from keras import layers, ops


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    x = layers.LSTM(32)((ops.log1p(inputs) - mean) / std)
    bounds = np.linspace(0, 1000, 60_000).tolist()
    last = layers.Discretization(bounds)(inputs[:, -1])
    hours = layers.TimeDistributed(layers.Discretization(bounds))(inputs)
    known = ops.cast(last, "float32") + ops.cast(hours[:, 0], "float32")
    x = layers.Dense(1)(layers.Concatenate()([x, 1e-6 * known]))
    return keras.Model(inputs, ops.expm1(x * std + mean))


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 20 * len(x) // 64)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=20, batch_size=64, verbose=0)
