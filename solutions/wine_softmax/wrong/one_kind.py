# fails: test_accuracy, test_model_error, test_other_units
# The network is frozen but for its last bias: all wines get the same probabilities.
def build_model(x_train, n_classes):
    scaling = keras.layers.Rescaling(0.0)
    last = keras.layers.Dense(n_classes, activation="softmax")
    return keras.Sequential([keras.Input((13,)), scaling, last])
