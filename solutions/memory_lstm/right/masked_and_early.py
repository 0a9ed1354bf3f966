# Masking, dropout, an own seed, early stopping on rows of its own, weights for the later steps.
import random

import keras
import numpy as np
import tensorflow as tf


def latch(n, length, n_symbols, seed):
    chance = random.Random(seed)
    x, y = [], []
    for _ in range(n):
        shown = [chance.randrange(n_symbols) for _ in range(length)]
        up = [step == 0 or chance.random() < 0.05 for step in range(length)]
        x.append(
            [
                [*(float(k == s) for k in range(n_symbols)), float(f)]
                for s, f in zip(shown, up, strict=True)
            ]
        )
        kept = []
        for symbol, flag in zip(shown, up, strict=True):
            kept.append(symbol if flag else kept[-1])
        y.append(kept)
    return np.array(x, dtype="float32"), np.array(y, dtype="int32")


def network(layer, n_symbols, length):
    inputs = keras.Input((length, n_symbols + 1))
    x = keras.layers.Masking(-1.0)(2 * inputs - 1)
    x = layer(20, return_sequences=True)(x)
    x = keras.layers.Dropout(0.1)(x)
    scores = keras.layers.Dense(n_symbols)(keras.layers.LayerNormalization()(x))
    return keras.Model(inputs, keras.ops.softmax(scores, axis=-1))


def build_rnn(n_symbols, length):
    return network(keras.layers.SimpleRNN, n_symbols, length)


def build_lstm(n_symbols, length):
    return network(keras.layers.LSTM, n_symbols, length)


def train(model, x, y):
    keras.utils.set_random_seed(7)
    weights = np.broadcast_to(np.linspace(0.5, 1.5, y.shape[1]), y.shape)
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    stop = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    return model.fit(
        x[:900],
        y[:900],
        sample_weight=weights[:900],
        validation_data=(x[900:], y[900:]),
        callbacks=[stop],
        epochs=10,
        batch_size=50,
        verbose=0,
    )


def gradient_norms(model, x, y):
    gradient = np.zeros_like(x)
    for row in range(len(x)):
        one = tf.convert_to_tensor(x[row : row + 1])
        with tf.GradientTape() as tape:
            tape.watch(one)
            p = model(one)[0, -1, int(y[row, -1])]
            loss = -tf.math.log(p) / len(x)
        gradient[row] = tape.gradient(loss, one)[0]
    return np.linalg.norm(gradient.transpose(1, 0, 2).reshape(x.shape[1], -1), axis=1)
