# A class with RNN over cells, any number of steps, sequences by segments, a loop of its own over batches.
import keras
import numpy as np
import tensorflow as tf


def latch(n, length, n_symbols, seed):
    rng = np.random.default_rng([seed, 5])
    symbols = rng.integers(0, n_symbols, (n, length), dtype="int32")
    flags = rng.binomial(1, 0.05, (n, length))
    flags[:, 0] = 1
    rows = []
    for shown, up in zip(symbols, flags, strict=True):
        starts = np.flatnonzero(up)
        rows.append(np.repeat(shown[starts], np.diff(np.append(starts, length))))
    x = np.dstack([shown := np.equal.outer(symbols, np.arange(n_symbols)), flags])
    return np.asarray(x, np.float32), np.array(rows, np.int32)


class Remembering(keras.Model):
    def __init__(self, cell, n_symbols):
        super().__init__()
        self.read = keras.layers.RNN(cell, return_sequences=True)
        self.drop = keras.layers.Dropout(0.0)
        self.tell = keras.layers.Dense(n_symbols, "softmax")

    def call(self, x):
        return self.tell(self.drop(self.read(x)))


def build_rnn(n_symbols, length):
    return Remembering(keras.layers.SimpleRNNCell(20), n_symbols)


def build_lstm(n_symbols, length):
    return Remembering(keras.layers.LSTMCell(20), n_symbols)


def train(model, x, y):
    model.compile(keras.optimizers.Nadam(0.02, clipnorm=1.0), "sparse_categorical_crossentropy")
    losses = []
    for epoch in range(9):
        order = np.random.default_rng(epoch).permutation(len(x))
        for start in range(0, len(x), 50):
            batch = order[start : start + 50]
            losses.append(float(model.train_on_batch(x[batch], y[batch])))
    return {"loss": losses}


@tf.function
def last_loss(model, x, labels):
    p = tf.reduce_sum(tf.one_hot(labels, model(x).shape[-1]) * model(x)[:, -1], axis=-1)
    return tf.reduce_mean(-tf.math.log(tf.maximum(p, 1e-12)))


def gradient_norms(model, x, y):
    x = tf.constant(x)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        loss = last_loss(model, x, tf.cast(y[:, -1], tf.int32))
    return tf.sqrt(tf.einsum("ntf,ntf->t", *[tape.gradient(loss, x)] * 2))
