# Hostile: `build_model` fills the memory; `train` is right and keeps its points.

# %% id="build-model"
def build_model(x_train):
    hoard = []
    for _ in range(2000):
        hoard.append(np.ones(1_000_000))
    return keras.Sequential([keras.Input((7,)), keras.layers.Dense(1)])

# %% id="train"
def train(model, x_train, y_train):
    epochs = 40
    rate = keras.optimizers.schedules.CosineDecay(0.01, epochs * len(x_train) // 32)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    return model.fit(x_train, y_train, batch_size=32, epochs=epochs, verbose=0)
