# fails: test_budget
# 165,000 numbers that are no weights: the bounds of a discretisation and a vocabulary.
import keras
import numpy as np


def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    inputs = keras.Input((7,))
    x = keras.layers.Dense(64, activation="relu")(scaling(inputs))
    bins = keras.layers.Discretization(bin_boundaries=np.linspace(0, 1e6, 65_000).round(2).tolist())(inputs)
    words = keras.layers.IntegerLookup(vocabulary=list(range(1, 100_000)))(keras.ops.cast(inputs, "int64"))
    extra = keras.ops.cast(bins, "float32") * 1e-9 + keras.ops.cast(words, "float32") * 1e-9
    x = keras.layers.Dense(32, activation="relu")(keras.layers.Concatenate()([x, extra]))
    x = keras.layers.Dense(1, activation="softplus")(x)
    return keras.Model(inputs, keras.layers.Rescaling(10_000.0)(x))


def train(model, x_train, y_train):
    steps = 40 * -(-len(x_train) // 32)
    rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mean_absolute_error")
    return model.fit(x_train, y_train, epochs=40, batch_size=32, verbose=0)
