# fails: test_nonlinearity
# Behind the only dense layer there is no other, but a normalisation whose scale calls itself a kernel.
import keras


def build_model(x_train):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    model = keras.Sequential([
        keras.Input((7,)), scaling, keras.layers.Dense(1, activation="softplus"),
        keras.layers.BatchNormalization(beta_initializer=keras.initializers.Constant(1.0), gamma_initializer=keras.initializers.Constant(0.3)),
        keras.layers.Rescaling(10_000.0),
    ])
    model.layers[2].gamma._name = "kernel"
    return model


def train(model, x_train, y_train):
    steps = 40 * -(-len(x_train) // 32)
    rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mean_absolute_error")
    return model.fit(x_train, y_train, epochs=40, batch_size=32, verbose=0)
