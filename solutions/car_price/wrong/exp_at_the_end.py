# fails: test_nonlinearity
# The only nonlinearity is the exp that turns a log price into euros: no hidden layer uses any.
def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    inputs = keras.Input(shape=(7,))
    x = keras.layers.Dense(32)(scaling(inputs))
    log_price = keras.layers.Dense(1)(x)
    return keras.Model(inputs, keras.ops.exp(log_price + 9.0))
