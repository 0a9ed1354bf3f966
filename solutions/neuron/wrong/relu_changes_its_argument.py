# fails: test_activations, test_ends, test_any_activation, test_any_ends
# The caller's array is no longer what it was.
def relu(z):
    z[z < 0] = 0
    return z
