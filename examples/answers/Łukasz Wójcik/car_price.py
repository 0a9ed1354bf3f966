# `build_model` takes the array for a table and raises; `train` is right.

# %% id="build-model"
def build_model(x_train):
    age = x_train["Age"]
    oldest = age.max()
    return keras.Sequential([
        keras.Input((7,)),
        keras.layers.Rescaling(1 / oldest),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(1),
    ])

# %% id="train"
def train(model, x_train, y_train):
    # fast first, then carefully
    for rate in (0.01, 0.003, 0.001):
        model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
        history = model.fit(x_train, y_train, epochs=15, batch_size=32, verbose=0)
    return history.history
