# A syntax error in the cell of `train`; everything else is right.

# %% id="build-model"
def build_model(input_shape, n_classes):
    return keras.Sequential([
        keras.Input(input_shape),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.AveragePooling2D(2),
        keras.layers.Conv2D(24, 3, activation="relu"),
        keras.layers.AveragePooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(n_classes, activation="softmax"),
    ])

# %% id="train"
def train(model, images, labels):
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy"
    return model.fit(images, labels, epochs=5, batch_size=64)
