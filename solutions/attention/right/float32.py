# Everything is computed in float32, whatever comes in.
def narrow(x):
    return np.asarray(x, "float32")


def scores(q, k):
    return narrow(q) @ narrow(k).swapaxes(-1, -2) * np.float32(q.shape[-1] ** -0.5)


def attend(q, k, v, mask=None):
    found = scores(q, k)
    allowed = (
        np.ones_like(found, dtype=bool) if mask is None else mask & np.ones_like(found, dtype=bool)
    )
    largest = np.max(found, axis=-1, keepdims=True, where=allowed, initial=-np.inf)
    largest = np.where(largest == -np.inf, np.float32(0), largest)
    powers = np.exp(np.minimum(found - largest, 0)) * allowed
    return powers @ narrow(v) / np.maximum(powers.sum(-1, keepdims=True), np.float32(1e-30))


def multi_head(x, wq, wk, wv, wo, heads, causal=False):
    x, wq, wk, wv, wo = map(narrow, (x, wq, wk, wv, wo))
    q, k, v = split_heads(x @ wq, heads), split_heads(x @ wk, heads), split_heads(x @ wv, heads)
    mask = causal_mask(x.shape[1])[None, None] if causal else None
    return join_heads(attend(q, k, v, mask)) @ wo


def positions(n, width):
    pairs = np.arange(width // 2, dtype="float32")
    rates = np.exp(-np.log(np.float32(10000)) * 2 * pairs / width)
    angles = np.arange(n, dtype="float32")[:, None] * rates
    codes = np.empty((n, width), "float32")
    codes[:, 0::2], codes[:, 1::2] = np.sin(angles), np.cos(angles)
    return codes
