# Right, without a pooling layer: strides shrink the image, and softmax is a layer of its own.

# %% id="build-model"
def build_model(input_shape, n_classes):
    image = keras.Input(input_shape)
    x = keras.ops.cast(image, "float32") / 255
    x = keras.layers.Conv2D(16, 5, strides=2)(x)
    x = keras.layers.LeakyReLU()(x)
    x = keras.layers.Conv2D(24, 3, strides=2)(x)
    x = keras.layers.LeakyReLU()(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(n_classes)(x)
    return keras.Model(image, keras.layers.Softmax()(x))

# %% id="train"
def train(model, images, labels):
    one_hot = keras.utils.to_categorical(labels, 10)
    model.compile(optimizer=keras.optimizers.Adam(0.004), loss="categorical_crossentropy")
    return model.fit(images, one_hot, batch_size=64, epochs=7, verbose=0)
