# fails: test_train_error
# The squared error of the counts, the usual learning rate: busy hours are learned, nights are not.
from keras import layers, ops


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    x = layers.LSTM(32)((ops.log1p(inputs) - mean) / std)
    x = layers.Dense(1)(x)
    return keras.Model(inputs, ops.expm1(x * std + mean))


def train(model, x, y):
    model.compile("adam", "mse")
    return model.fit(x, y, epochs=5, batch_size=64, verbose=0)
