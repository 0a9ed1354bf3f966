# fails: test_scores, test_scores_of_any_size, test_multi_head
# `.T` turns all axes, not the last two only.
def scores(q, k):
    return q @ k.T / np.sqrt(q.shape[-1])
