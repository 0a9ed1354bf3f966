# The first attempt: stops after three epochs. Not graded.

# %% id="build-model"
def build_model(x_train):
    norm = keras.layers.Normalization()
    norm.adapt(x_train)
    return keras.Sequential([keras.Input((7,)), norm, keras.layers.Dense(8, activation="relu"),
                             keras.layers.Dense(1)])

# %% id="train"
def train(model, x_train, y_train):
    model.compile(optimizer="adam", loss="mae")
    return model.fit(x_train, y_train, epochs=3, verbose=0)
