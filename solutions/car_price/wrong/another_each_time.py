# fails: test_bends, test_model_error
# The first call builds what is asked for, later ones something else.
from keras import layers

calls = []


def build_model(x_train):
    calls.append(1)
    units = 64 if len(calls) == 1 else 3000
    scaling = layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input((7,)),
            scaling,
            layers.Dense(units, activation="relu"),
            layers.Dense(units // 2, activation="relu"),
            layers.Dense(1, activation="softplus"),
            layers.Rescaling(10_000.0),
        ]
    )
