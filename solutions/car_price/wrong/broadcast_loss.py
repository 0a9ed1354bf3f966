# fails: test_train_teaches, test_new_prices, test_train_error
# In a loss of its own (n,) meets (n, 1): each car is compared with every price.
from keras import ops


def train(model, x_train, y_train):
    def error(prices, predicted):
        return ops.mean(ops.abs(ops.reshape(prices, (-1,)) - predicted))

    model.compile(optimizer=keras.optimizers.Adam(0.005), loss=error)
    return model.fit(x_train, y_train, epochs=10, batch_size=32, verbose=0)
