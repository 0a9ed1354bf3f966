# fails: test_as_keras, test_any_model
# Dense draws weights of its own, and nothing replaces them.
def as_keras(layers, n_inputs):
    model = keras.Sequential([keras.Input((n_inputs,))])
    for layer in layers:
        model.add(keras.layers.Dense(len(layer["b"]), activation=layer["activation"]))
    return model
