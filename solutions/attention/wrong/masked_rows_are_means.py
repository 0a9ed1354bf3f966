# fails: test_mask, test_attend_with_masks
# A large negative number: where a row is masked whole, all keys count alike.
def attend(q, k, v, mask=None):
    fits = scores(q, k)
    if mask is not None:
        fits = np.where(mask, fits, -1e9)
    powers = np.exp(fits - fits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) @ v
