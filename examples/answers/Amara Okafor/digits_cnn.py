# Right, in the style of the statement.

# %% id="build-model"
def build_model(input_shape, n_classes):
    return keras.Sequential([
        keras.Input(input_shape),
        keras.layers.Rescaling(1.0 / 255),
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(24, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(n_classes, activation="softmax"),
    ])

# %% id="train"
def train(model, images, labels):
    model.compile(
        optimizer=keras.optimizers.Adam(0.003),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model.fit(images, labels, batch_size=64, epochs=5, verbose=0)
