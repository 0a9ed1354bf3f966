# fails: test_nonlinearity, test_bends
# Three Dense layers, no activation: together they are still one straight line.
import keras


def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input(shape=(7,)),
            scaling,
            keras.layers.Dense(64),
            keras.layers.Dense(32),
            keras.layers.Dense(1),
            keras.layers.Rescaling(5_000.0, offset=10_000.0),
        ]
    )


def train(model, x_train, y_train):
    rate = keras.optimizers.schedules.CosineDecay(0.02, 30 * len(x_train) // 32)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    return model.fit(x_train, y_train, epochs=30, batch_size=32, verbose=0)
