# fails: test_bends
# A relu branch switched off for an experiment and forgotten; what is left is a straight line.
import keras


def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    inputs = keras.Input(shape=(7,))
    x = scaling(inputs)
    branch = keras.layers.Dense(64, activation="relu")(x)
    branch = keras.layers.Dense(1)(branch)
    line = keras.layers.Dense(1)(x)
    return keras.Model(inputs, (line + 0.0 * branch) * 4_000.0 + 10_000.0)


def train(model, x_train, y_train):
    rate = keras.optimizers.schedules.CosineDecay(0.02, 30 * len(x_train) // 32)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    return model.fit(x_train, y_train, epochs=30, batch_size=32, verbose=0)
