# Masks on copies, numbers cut off where exp ends, warnings that are switched off on purpose, and a
# Keras model that begins with its weights.
def relu(z):
    z = z.copy()
    z[z < 0] = 0
    return z


def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def tanh(z):
    z = np.clip(z, -30, 30)
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


def softmax(z):
    z = z - np.max(z, -1)[..., None]
    z = np.exp(np.maximum(z, -80))
    return np.divide(z, np.sum(z, -1)[..., None])


def slope(name, z):
    slopes = np.zeros(z.shape)
    if name == "relu":
        slopes[z > 0] = 1
        return slopes
    # The slope of tanh at z is 4 times that of the sigmoid at 2 z.
    factor = {"sigmoid": 1, "tanh": 2}[name]
    return factor**2 * sigmoid(factor * z) * (1 - sigmoid(factor * z))


def as_keras(layers, n_inputs):
    start = keras.initializers.Constant
    return keras.Sequential(
        [keras.Input(shape=(n_inputs,))]
        + [
            keras.layers.Dense(
                units=layer["w"].shape[-1],
                activation=None if layer["activation"] == "linear" else layer["activation"],
                kernel_initializer=start(layer["w"]),
                bias_initializer=start(layer["b"]),
            )
            for layer in layers
        ]
    )
