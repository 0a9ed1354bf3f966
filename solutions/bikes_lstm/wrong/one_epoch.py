# fails: test_train_error
# Stops after one epoch at a low learning rate.
from keras import layers, ops


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    x = layers.LSTM(32)((ops.log1p(inputs) - mean) / std)
    x = layers.Dense(1)(x)
    return keras.Model(inputs, ops.expm1(x * std + mean))


def train(model, x, y):
    model.compile("adam", "mean_squared_logarithmic_error")
    return model.fit(x, y, epochs=1, batch_size=32, verbose=0)
