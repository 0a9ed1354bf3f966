# fails: test_as_keras, test_any_model
# The activation is an argument of Dense and a layer of its own.
def as_keras(layers, n_inputs):
    model = keras.Sequential([keras.Input((n_inputs,))])
    for layer in layers:
        model.add(keras.layers.Dense(len(layer["b"]), activation=layer["activation"]))
        model.layers[-1].set_weights([layer["w"], layer["b"]])
        model.add(keras.layers.Activation(layer["activation"]))
    return model
