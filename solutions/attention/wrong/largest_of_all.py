# fails: test_attend_with_steep_scores
# The largest score that is taken away may be a masked one.
def attend(q, k, v, mask=None):
    fits = scores(q, k)
    powers = np.exp(fits - fits.max(axis=-1, keepdims=True))
    if mask is not None:
        powers = np.where(mask, powers, 0)
    total = powers.sum(axis=-1, keepdims=True)
    return powers / np.where(total == 0, 1, total) @ v
