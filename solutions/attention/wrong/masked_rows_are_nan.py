# fails: test_mask, test_attend_with_masks
# A row that is masked whole is divided by 0.
def attend(q, k, v, mask=None):
    fits = scores(q, k)
    if mask is not None:
        fits = np.where(mask, fits, -np.inf)
    powers = np.exp(fits - fits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) @ v
