# fails: test_cross_entropy_of_any_size
# 1e-7 is the smallest probability of Keras, not of the statement.
def cross_entropy(labels, probabilities):
    right = probabilities[np.arange(len(labels)), labels]
    return -np.mean(np.log(np.clip(right, 1e-7, 1 - 1e-7)))
