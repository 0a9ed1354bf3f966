# Scales in `train`, by adapt; the dense layers learn before the convolutions do. Odd names.
import keras
from keras import layers


def build_model(input_shape, n_classes):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Normalization(axis=None, name="kernel"),
            layers.Conv2D(12, 3, activation="relu", name="dense"),
            layers.MaxPooling2D(name="conv2d"),
            layers.Conv2D(24, 3, name="bias"),
            layers.LeakyReLU(0.1, name="linear"),
            layers.MaxPooling2D(name="lstm"),
            layers.Flatten(name="gamma"),
            layers.Dense(n_classes, activation="softmax", name="embeddings"),
        ]
    )


def train(model, images, labels):
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            layer.adapt(images.astype("float32"))
    convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    for epochs, trained in ((1, False), (6, True)):
        for layer in convolutions:
            layer.trainable = trained
        model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
        history = model.fit(images, labels, epochs=epochs, batch_size=64, verbose=0)
    return history
