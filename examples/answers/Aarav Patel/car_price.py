# `train` is right, but a loop in `build_model` never comes to its end.

# %% id="build-model"
def build_model(x_train):
    norm = keras.layers.Normalization()
    norm.adapt(x_train)
    layers = [keras.Input((7,)), norm]
    units = 48
    while units > 8:
        width = units // 2  # meant to halve units, but that stays what it is
    layers += [keras.layers.Dense(width, activation="relu"), keras.layers.Dense(1)]
    return keras.Sequential(layers)

# %% id="train"
def train(model, x_train, y_train):
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mae")
    return model.fit(x_train, y_train, batch_size=32, epochs=30, verbose=0)
