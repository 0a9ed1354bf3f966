# fails: test_weighted_sum, test_any_weighted_sum
# The bias of neuron j is added to row j.
def weighted_sum(x, w, b):
    return x @ w + b.reshape(-1, 1)
