# fails: test_forward, test_any_activation, test_any_ends
# A loop over the first axis only: each item is taken for a number.
def relu(z):
    return np.array([value if value > 0 else 0 for value in z])
