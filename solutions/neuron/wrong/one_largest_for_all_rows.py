# fails: test_any_ends
# A row that lies far below the largest number of all becomes 0 / 0.
def softmax(z):
    grown = np.exp(z - z.max())
    return grown / grown.sum(axis=-1, keepdims=True)
