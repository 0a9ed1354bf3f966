# fails: test_slope, test_ends, test_any_slope, test_any_ends
# relu is flat at negative numbers.
def slope(name, z):
    if name == "relu":
        return np.ones_like(z)
    if name == "sigmoid":
        return sigmoid(z) * sigmoid(-z)
    return 1 - tanh(z) ** 2
