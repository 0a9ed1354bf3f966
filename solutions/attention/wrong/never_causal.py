# fails: test_multi_head, test_causal_multi_head
# The mask is forgotten.
def multi_head(x, wq, wk, wv, wo, heads, causal=False):
    q, k, v = (split_heads(x @ w, heads) for w in (wq, wk, wv))
    return join_heads(attend(q, k, v)) @ wo
