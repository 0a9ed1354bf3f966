# fails: test_train_teaches, test_new_prices, test_train_error
# train takes the layers off the model it is given and puts far larger ones in their place.
def train(model, x_train, y_train):
    while len(model.layers) > 1:
        model.pop()
    for units in (600, 600):
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(1, activation="softplus"))
    model.add(keras.layers.Rescaling(10_000.0))
    steps = 10 * -(-len(x_train) // 32)
    rate = keras.optimizers.schedules.CosineDecay(0.003, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mean_absolute_error")
    return model.fit(x_train, y_train, epochs=10, batch_size=32, verbose=0)
