# fails: test_ends, test_any_ends
# np.where computes both formulas for all numbers, and exp(700) fits into float64 only.
def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


def tanh(z):
    z = np.clip(z, -700, 700)
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
