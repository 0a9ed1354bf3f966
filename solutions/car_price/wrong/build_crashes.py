# fails: test_output_shape, test_nonlinearity, test_budget, test_bends, test_model_error
# build_model has a typing error; train is fine and keeps its points.
import keras


def build_model(x_train):
    scaling = keras.layers.Normalisation()
    scaling.adapt(x_train)
    return keras.Sequential([scaling, keras.layers.Dense(64, "relu"), keras.layers.Dense(1)])


def train(model, x_train, y_train):
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mae")
    return model.fit(x_train, y_train, epochs=30, batch_size=32, verbose=0)
