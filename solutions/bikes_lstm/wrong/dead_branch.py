# fails: test_lstm_works
# The LSTM is multiplied by nothing; a dense network does the work.
from keras import layers, ops


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    scaled = (ops.log1p(inputs) - mean) / std
    memory = layers.Dense(1)(layers.LSTM(16)(scaled))
    x = layers.Dense(64, activation="relu")(layers.Flatten()(scaled))
    x = layers.Dense(1)(layers.Dense(32, activation="relu")(x))
    return keras.Model(inputs, ops.expm1((x + 0.0 * memory) * std + mean))


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 20 * len(x) // 64)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=20, batch_size=64, verbose=0)
