# fails: test_mask, test_attend_with_masks, test_attend_with_steep_scores, test_multi_head
# Masked weights become 0 after softmax, and the others no longer sum to 1.
def attend(q, k, v, mask=None):
    fits = scores(q, k)
    powers = np.exp(fits - fits.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights @ v if mask is None else np.where(mask, weights, 0) @ v
