# fails: test_weighted_sum, test_any_weighted_sum
# The bias is added to each product, so it counts once for each input.
def weighted_sum(x, w, b):
    return (x[:, :, np.newaxis] * w + b).sum(axis=1)
