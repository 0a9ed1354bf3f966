# fails: test_lstm, test_time_order, test_lstm_works
# A dense network on the 24 counts; its forecasts are good, but there is no LSTM.
from keras import layers, ops


def build_model(x_train):
    scaling = layers.Normalization(axis=None)
    scaling.adapt(np.log1p(x_train))
    inputs = keras.Input((24, 1))
    x = layers.Flatten()(scaling(ops.log1p(inputs)))
    x = layers.Dense(64, activation="relu")(x)
    x = layers.Dense(32, activation="relu")(x)
    return keras.Model(inputs, ops.expm1(layers.Dense(1)(x) + 4.0))


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 12 * len(x) // 64)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=12, batch_size=64, verbose=0)
