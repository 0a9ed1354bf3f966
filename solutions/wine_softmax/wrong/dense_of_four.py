# fails: test_shapes
# The kinds are counted from 1 in the head of the student: four outputs for three kinds.
def build_model(x_train, n_classes):
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    last = keras.layers.Dense(n_classes + 1, activation="softmax")
    return keras.Sequential([keras.Input((13,)), scaling, last])
