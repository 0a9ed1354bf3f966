# fails: test_train_teaches, test_new_counts, test_train_error
# Fits a clone and leaves the model it was given as it was.
from keras import layers, ops


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    x = layers.LSTM(32)((ops.log1p(inputs) - mean) / std)
    x = layers.Dense(1)(x)
    return keras.Model(inputs, ops.expm1(x * std + mean))


def train(model, x, y):
    copy = keras.models.clone_model(model)
    copy.compile(keras.optimizers.Adam(0.01), "mean_squared_logarithmic_error")
    return copy.fit(x, y, epochs=2, batch_size=64, verbose=0)
