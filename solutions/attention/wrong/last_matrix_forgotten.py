# fails: test_multi_head, test_multi_head_of_any_size, test_causal_multi_head
# wo is not used.
def multi_head(x, wq, wk, wv, wo, heads, causal=False):
    mask = causal_mask(x.shape[1]) if causal else None
    q, k, v = (split_heads(x @ w, heads) for w in (wq, wk, wv))
    return join_heads(attend(q, k, v, mask))
