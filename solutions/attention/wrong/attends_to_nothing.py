# fails: test_scores, test_scores_of_any_size, test_attend, test_mask, test_attend_without_mask, test_attend_with_masks, test_attend_with_steep_scores, test_multi_head, test_multi_head_of_any_size, test_causal_multi_head
# All weights are equal: `attend` and `multi_head` agree with scores that say nothing.
def scores(q, k):
    return np.zeros((*q.shape[:-1], k.shape[-2]))


def attend(q, k, v, mask=None):
    return v.mean(axis=-2, keepdims=True) + np.zeros((*q.shape[:-1], 1))


def multi_head(x, wq, wk, wv, wo, heads, causal=False):
    return (x @ wv).mean(axis=1, keepdims=True) @ wo + np.zeros((1, x.shape[1], 1))
