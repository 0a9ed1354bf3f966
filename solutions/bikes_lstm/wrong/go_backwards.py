# fails: test_time_order
# The LSTM itself reads the day backwards.
from keras import layers, ops


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    scaled = (ops.log1p(inputs) - mean) / std
    hours = layers.LSTM(32, go_backwards=True, return_sequences=True)(scaled)
    x = layers.Dense(16, activation="relu")(layers.Flatten()(hours))
    x = layers.Dense(1)(x)
    return keras.Model(inputs, ops.expm1(x * std + mean))


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 12 * len(x) // 64)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=12, batch_size=64, verbose=0)
