# Right, in the style of the statement.

# %% id="build-model"
def build_model(x_train):
    scaler = keras.layers.Normalization()
    scaler.adapt(x_train)
    model = keras.Sequential([
        keras.Input((7,)),
        scaler,
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(1, activation="softplus"),
        keras.layers.Rescaling(10000.0),
    ])
    return model

# %% id="train"
def train(model, x_train, y_train):
    batch, epochs = 32, 35
    rate = keras.optimizers.schedules.CosineDecay(0.01, epochs * len(x_train) // batch)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    return model.fit(x_train, y_train, batch_size=batch, epochs=epochs, verbose=0)

# %%
model = build_model(x_train)
history = train(model, x_train, y_train)
history.history["loss"][-1]
