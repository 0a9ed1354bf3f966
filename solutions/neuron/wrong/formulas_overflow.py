# fails: test_ends, test_any_ends
# The formulas as they stand on paper: a warning from the sigmoid, and inf / inf elsewhere.
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def tanh(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
