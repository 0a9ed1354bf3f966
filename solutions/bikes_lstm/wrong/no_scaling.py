# fails: test_model_error
# Raw counts into the LSTM, and nothing behind it that reaches hundreds.
from keras import layers


def build_model(x_train):
    return keras.Sequential([keras.Input((24, 1)), layers.LSTM(16), layers.Dense(1)])


def train(model, x, y):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 12 * len(x) // 64)
    model.compile(keras.optimizers.Adam(rate), "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=12, batch_size=64, verbose=0)
