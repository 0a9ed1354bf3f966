# fails: test_model_error
# A sigmoid on the last layer can say at most 1 euro.
import keras


def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input(shape=(7,)),
            scaling,
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def train(model, x_train, y_train):
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mae")
    return model.fit(x_train, y_train, epochs=30, batch_size=32, verbose=0)
