# `train` was renamed, so the grader cannot find it; `build_model` is right.

# %% id="build-model"
def build_model(input_shape, n_classes):
    inputs = keras.Input(input_shape)
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(16, 5, activation="relu")(x)
    x = keras.layers.MaxPooling2D(3)(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(48, activation="relu")(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))

# %% id="train"
def train_my_model(model, images, labels):
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model.fit(images, labels, epochs=5, verbose=0)
