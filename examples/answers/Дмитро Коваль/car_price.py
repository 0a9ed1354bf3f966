# Half right: a good model, but `train` fits a copy of it.

# %% id="build-model"
def build_model(x_train):
    norm = keras.layers.Normalization()
    norm.adapt(x_train)
    inputs = keras.Input((7,))
    x = keras.layers.Dense(64, activation="relu")(norm(inputs))
    x = keras.layers.Dense(64, activation="relu")(x)
    x = keras.layers.Dense(1)(x)
    return keras.Model(inputs, keras.layers.Rescaling(10000.0)(x))

# %% id="train"
def train(model, x_train, y_train):
    best = keras.models.clone_model(model)
    best.set_weights(model.get_weights())
    best.compile(optimizer=keras.optimizers.Adam(0.003), loss="mae")
    return best.fit(x_train, y_train, epochs=20, batch_size=64, verbose=0)
