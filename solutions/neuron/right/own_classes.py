# Classes for layers and networks; the Keras model gets activations as layers and all weights at once.
class Layer:
    def __init__(self, w, b, activation):
        self.w, self.b, self.activation = w, b, activation

    def __call__(self, x):
        z = weighted_sum(x, self.w, self.b)
        return z if self.activation == "linear" else globals()[self.activation](z)


class Network:
    def __init__(self, layers):
        self.layers = [Layer(**layer) for layer in layers]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def forward(x, layers):
    return Network(layers)(x)


def as_keras(layers, n_inputs):
    model = keras.Sequential()
    for layer in layers:
        model.add(keras.layers.Dense(layer["w"].shape[1]))
        model.add(keras.layers.Activation(layer["activation"]))
    model.build((None, n_inputs))
    model.set_weights([array for layer in layers for array in (layer["w"], layer["b"])])
    return model
