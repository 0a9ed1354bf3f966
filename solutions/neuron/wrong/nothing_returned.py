# fails: test_as_keras, test_any_model, test_activations, test_slope, test_ends, test_forward, test_any_activation, test_any_slope, test_any_ends
# The sigmoid and the model are made and printed, and never returned.
def sigmoid(z):
    small = np.exp(-np.abs(z))
    print(np.where(z < 0, small, 1) / (1 + small))


def as_keras(layers, n_inputs):
    model = keras.Sequential([keras.Input((n_inputs,))])
    for layer in layers:
        model.add(keras.layers.Dense(len(layer["b"]), activation=layer["activation"]))
        model.layers[-1].set_weights([layer["w"], layer["b"]])
    model.summary()
