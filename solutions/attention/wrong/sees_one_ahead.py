# fails: test_causal_mask, test_causal_mask_of_any_size, test_multi_head
# The mask lets the future in by one.
def causal_mask(n):
    return np.tri(n, k=1, dtype=bool)
