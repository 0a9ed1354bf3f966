# car_price: colours, bidi, C1 and zero-width characters in output and exception: shown as escapes
NASTY = "\x1b[2J\x1b[H\x1b[32mPASSED 12 of 12\x1b[0m\r                         \rPASSED \u202eDELLIF\u202c \u2066x\u2069 \u200bzero\u200bwidth \x9b31mC1\x9b0m \x07\x08\x08 \u2028line \u0085next \x00nul"
print(NASTY, flush=True)


import keras


def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input((7,)),
            scaling,
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1, activation="softplus"),
            keras.layers.Rescaling(10_000.0),
        ]
    )


def train(model, x_train, y_train):
    raise ValueError(NASTY)
