# fails: test_accuracy, test_model_error, test_other_units
# Raw proline beside raw hue: tanh is 1 or -1 for every wine, and its slope is 0.
def build_model(x_train, n_classes):
    hidden = keras.layers.Dense(16, activation="tanh")
    last = keras.layers.Dense(n_classes, activation="softmax")
    return keras.Sequential([keras.Input((13,)), hidden, last])
