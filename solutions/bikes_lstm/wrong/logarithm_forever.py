# fails: test_train_teaches, test_new_counts, test_model_error, test_train_error
# Learns the logarithm of the count, and nothing turns it back into a count.
from keras import layers, ops


def build_model(x_train):
    logs = np.log1p(x_train)
    mean, std = float(logs.mean()), float(logs.std())
    inputs = keras.Input((24, 1))
    x = layers.LSTM(32)((ops.log1p(inputs) - mean) / std)
    x = layers.Dense(1)(x)
    return keras.Model(inputs, x * std + mean)


def train(model, x, y):
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model.fit(x, np.log1p(y), epochs=8, batch_size=64, verbose=0)
