# fails: test_nonlinearity, test_model_accuracy
# Convolutions, average pooling and dense layers without any activation are one linear map.
import keras


def build_model(input_shape, n_classes):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 3),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(16, 3),
            keras.layers.AveragePooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )


def train(model, images, labels):
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    return model.fit(images, labels, epochs=6, batch_size=64, verbose=0)
