# fails: test_scores, test_scores_of_any_size, test_attend, test_mask, test_multi_head
# Dot products as they are.
def scores(q, k):
    return q @ np.swapaxes(k, -1, -2)
