# A good model, but `train` waits for an error that it never reaches.

# %% id="build-model"
def build_model(x_train):
    norm = keras.layers.Normalization()
    norm.adapt(x_train)
    return keras.Sequential([
        keras.Input((7,)),
        norm,
        keras.layers.Dense(48, activation="relu"),
        keras.layers.Dense(24, activation="relu"),
        keras.layers.Dense(1),
        keras.layers.Rescaling(10000.0),
    ])

# %% id="train"
def train(model, x_train, y_train):
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mae")
    error = 10000.0
    while error > 10:  # below ten euros it is good enough
        history = model.fit(x_train[:64], y_train[:64], batch_size=64, epochs=1, verbose=0)
        error = history.history["loss"][-1]
    return history
