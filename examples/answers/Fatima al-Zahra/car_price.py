# `build_model` lacks its `return`; `train` is right.

# %% id="build-model"
def build_model(x_train):
    norm = keras.layers.Normalization()
    norm.adapt(x_train)
    model = keras.Sequential([
        keras.Input((7,)),
        norm,
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(1),
    ])

# %% id="train"
def train(model, x_train, y_train):
    rate = keras.optimizers.schedules.CosineDecay(0.01, 40 * (len(x_train) // 32))
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    history = model.fit(x_train, y_train, epochs=40, batch_size=32, verbose=0)
    return history
