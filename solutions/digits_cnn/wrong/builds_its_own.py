# fails: test_train_teaches, test_new_labels, test_train_accuracy
# train builds a model of its own and fits that; the one it was given stays untrained.
import keras


def build_model(input_shape, n_classes):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


def train(model, images, labels):
    model = build_model((28, 28, 1), 10)
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model.fit(images, labels, epochs=1, batch_size=64, verbose=0)
