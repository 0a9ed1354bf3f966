# fails: test_activations, test_slope, test_ends, test_forward, test_any_activation, test_any_slope, test_any_ends
# The sigmoid is computed and printed, and never returned.
def sigmoid(z):
    small = np.exp(-np.abs(z))
    print(np.where(z < 0, small, 1) / (1 + small))
