# fails: test_attend, test_mask, test_attend_without_mask, test_attend_with_masks, test_attend_with_steep_scores, test_multi_head
# The columns sum to 1, not the rows.
def attend(q, k, v, mask=None):
    fits = scores(q, k)
    if mask is not None:
        fits = np.where(mask, fits, -np.inf)
    largest = fits.max(axis=-2, keepdims=True)
    powers = np.exp(fits - np.where(np.isfinite(largest), largest, 0))
    total = powers.sum(axis=-2, keepdims=True)
    return powers / np.where(total == 0, 1, total) @ v
