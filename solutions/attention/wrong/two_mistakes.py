# fails: test_scores, test_scores_of_any_size, test_mask, test_attend_with_masks, test_attend_with_steep_scores, test_multi_head
# `scores` raises an exception for leading axes, and the mask comes after softmax.
def scores(q, k):
    return q @ k.T / np.sqrt(q.shape[-1])


def attend(q, k, v, mask=None):
    fits = scores(q, k)
    powers = np.exp(fits - fits.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return (weights if mask is None else weights * mask) @ v
