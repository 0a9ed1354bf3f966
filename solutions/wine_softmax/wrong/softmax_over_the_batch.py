# fails: test_probabilities, test_shares, test_accuracy, test_model_error, test_other_units
# Softmax runs over the wines: each column sums to one, not each row.
def build_model(x_train, n_classes):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    hidden = keras.layers.Dense(16, activation="relu")
    last = [keras.layers.Dense(n_classes), keras.layers.Softmax(axis=0)]
    return keras.Sequential([keras.Input((13,)), scaling, hidden, *last])
