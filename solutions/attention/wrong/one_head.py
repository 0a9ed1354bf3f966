# fails: test_multi_head, test_multi_head_of_any_size, test_causal_multi_head
# The heads are never split.
def multi_head(x, wq, wk, wv, wo, heads, causal=False):
    mask = causal_mask(x.shape[1]) if causal else None
    return attend(x @ wq, x @ wk, x @ wv, mask) @ wo
