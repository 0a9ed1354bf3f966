# fails: test_attend_with_masks, test_multi_head
# A mask that has to be broadcast does not fit.
def attend(q, k, v, mask=None):
    fits = scores(q, k)
    if mask is not None:
        fits[~mask] = -np.inf
    largest = fits.max(axis=-1, keepdims=True)
    powers = np.exp(fits - np.where(np.isfinite(largest), largest, 0))
    total = powers.sum(axis=-1, keepdims=True)
    return powers / np.where(total == 0, 1, total) @ v
