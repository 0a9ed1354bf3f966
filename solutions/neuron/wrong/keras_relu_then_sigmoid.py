# fails: test_any_model
# The activations of the drawing, whatever the list says.
def as_keras(layers, n_inputs):
    model = keras.Sequential([keras.Input((n_inputs,))])
    for layer in layers:
        last = layer is layers[-1]
        model.add(keras.layers.Dense(len(layer["b"]), "sigmoid" if last else "relu"))
        model.layers[-1].set_weights([layer["w"], layer["b"]])
    return model
