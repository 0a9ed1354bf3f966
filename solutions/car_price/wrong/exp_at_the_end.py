# fails: test_nonlinearity
# The only nonlinearity is the exp that turns a log price into euros: no hidden layer uses any.
import keras


def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    inputs = keras.Input(shape=(7,))
    x = keras.layers.Dense(32)(scaling(inputs))
    log_price = keras.layers.Dense(1)(x)
    return keras.Model(inputs, keras.ops.exp(log_price + 9.0))


def train(model, x_train, y_train):
    rate = keras.optimizers.schedules.CosineDecay(0.02, 30 * len(x_train) // 32)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mae")
    return model.fit(x_train, y_train, epochs=30, batch_size=32, verbose=0)
