# fails: test_model_error
# Raw proline beside raw hue: nothing is scaled.
def build_model(x_train, n_classes):
    hidden = keras.layers.Dense(16, activation="relu")
    last = keras.layers.Dense(n_classes, activation="softmax")
    return keras.Sequential([keras.Input((13,)), hidden, last])
