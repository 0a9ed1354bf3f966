# fails: test_cross_entropy, test_cross_entropy_of_any_size
# The zeros of the other classes are counted in the mean.
def cross_entropy(labels, probabilities):
    hot = np.eye(probabilities.shape[1])[labels]
    return -np.mean(hot * np.log(np.maximum(probabilities, 1e-12)))
