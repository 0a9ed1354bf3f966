# fails: test_any_slope, test_any_ends
# A slope for each row instead of each number.
def slope(name, z):
    if name == "relu":
        return np.array([float(np.all(value > 0)) for value in z])
    if name == "sigmoid":
        return sigmoid(z) * sigmoid(-z)
    return 1 - tanh(z) ** 2
