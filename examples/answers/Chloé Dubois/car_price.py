# Half right: the scaling was forgotten, raw kilometres go straight into the first layer.

# %% id="build-model"
def build_model(x_train):
    model = keras.Sequential()
    model.add(keras.Input(shape=(7,)))
    model.add(keras.layers.Dense(16, activation="sigmoid"))
    model.add(keras.layers.Dense(1))
    return model

# %% id="train"
def train(model, x_train, y_train):
    model.compile(optimizer="adam", loss="mae")
    return model.fit(x_train, y_train, epochs=30, batch_size=32, verbose=0)
