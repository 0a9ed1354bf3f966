# The functional API, sequences drawn one by one with an old generator, RMSprop, a tape of its own loss.
import keras
import numpy as np
import tensorflow as tf


def latch(n, length, n_symbols, seed):
    state = np.random.RandomState(seed)
    x, y = np.zeros((n, length, n_symbols + 1), "float32"), np.zeros((n, length), "int32")
    for row in range(n):
        kept = 0
        for step in range(length):
            symbol = state.randint(n_symbols)
            up = step == 0 or state.uniform() < 0.05
            kept = symbol if up else kept
            x[row, step, symbol], x[row, step, -1], y[row, step] = 1, up, kept
    return x, y


def network(layer, n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1), name="steps")
    x = layer(16, return_sequences=True)(inputs)
    x = keras.layers.TimeDistributed(keras.layers.Dense(n_symbols))(x)
    return keras.Model(inputs, keras.layers.Softmax()(x))


def build_rnn(n_symbols, length):
    return network(keras.layers.SimpleRNN, n_symbols, length)


def build_lstm(n_symbols, length):
    return network(keras.layers.LSTM, n_symbols, length)


def train(model, x, y):
    model.compile(keras.optimizers.RMSprop(0.02), keras.losses.SparseCategoricalCrossentropy())
    return model.fit(x, y, epochs=9, batch_size=50, verbose=0, shuffle=False)


def gradient_norms(model, x, y):
    steps = tf.Variable(x)
    with tf.GradientTape() as tape:
        last = model(steps, training=False)[:, -1, :]
        right = tf.gather(last, y[:, -1], batch_dims=1)
        loss = -tf.reduce_mean(tf.math.log(right))
    gradient = tape.gradient(loss, steps).numpy()
    return [float(np.linalg.norm(gradient[:, step, :])) for step in range(x.shape[1])]
