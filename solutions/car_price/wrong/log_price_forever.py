# fails: test_train_teaches, test_new_prices, test_train_error
# train teaches the logarithm of the price, and nothing in the model turns it back into euros.
def train(model, x_train, y_train):
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="mse")
    return model.fit(x_train, np.log(y_train), epochs=10, batch_size=32, verbose=0)
