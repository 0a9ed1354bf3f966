# fails: test_lstm_works, test_model_error
# A softmax over one unit is always 1: the same count for every hour.
from keras import layers, ops


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    x = layers.LSTM(32)((ops.log1p(inputs) - mean) / std)
    share = layers.Dense(1, activation="softmax")(x)
    return keras.Model(inputs, share * float(x_train.mean()))


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 12 * len(x) // 64)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=12, batch_size=64, verbose=0)
