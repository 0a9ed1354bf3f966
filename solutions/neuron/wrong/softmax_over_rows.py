# fails: test_softmax, test_any_softmax, test_any_ends
# Each column sums to 1, not each row.
def softmax(z):
    grown = np.exp(z - z.max(axis=0))
    return grown / grown.sum(axis=0)
