# fails: test_any_weighted_sum
# A batch of one row, or a layer of one neuron, loses an axis.
def weighted_sum(x, w, b):
    return (x @ w + b).squeeze()
