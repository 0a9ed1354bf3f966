# fails: test_slope, test_ends, test_any_slope, test_any_ends
# s (1 - s) holds for s = sigmoid(z), not for z itself.
def slope(name, z):
    if name == "relu":
        return np.where(z > 0, 1.0, 0.0)
    if name == "sigmoid":
        return z * (1 - z)
    return 1 - z**2
