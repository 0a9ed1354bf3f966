# A bias as one more weight, Einstein's summation, and each function by another formula.
def weighted_sum(x, w, b):
    ones = np.ones((len(x), 1))
    return np.einsum("ij,jk", np.hstack([x, ones]), np.vstack([w, b]))


def relu(z):
    return (z + np.abs(z)) / 2


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def tanh(z):
    return 2 * sigmoid(2 * z) - 1


def softmax(z):
    # A softmax over two classes at a time: 1 / sum of exp(z[k] - z[j]) over k.
    return np.exp(-np.logaddexp.reduce(z[..., np.newaxis, :] - z[..., np.newaxis], axis=-1))


def slope(name, z):
    if name == "relu":
        return z > 0
    if name == "sigmoid":
        small = np.exp(-np.abs(z))
        return small / (1 + small) ** 2
    return (1 - tanh(z)) * (1 + tanh(z))


def forward(x, layers):
    if not layers:
        return x
    first, *rest = layers
    sums = weighted_sum(x, first["w"], first["b"])
    return forward(globals().get(first["activation"], np.positive)(sums), rest)
