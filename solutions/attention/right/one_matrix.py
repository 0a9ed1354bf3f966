# A class, one matrix for queries, keys and values, and a mask of minus infinity that is added.
class Layer:
    def __init__(self, wq, wk, wv, wo, heads):
        self.inside, self.outside, self.heads = np.hstack([wq, wk, wv]), wo, heads

    def __call__(self, x, causal):
        b, n, d = x.shape
        q, k, v = (x @ self.inside).reshape(b, n, 3, self.heads, -1).transpose(2, 0, 3, 1, 4)
        away = np.triu(np.full((n, n), -np.inf), 1) if causal else 0
        powers = q @ k.transpose(0, 1, 3, 2) / (d / self.heads) ** 0.5 + away
        powers = np.exp(powers - powers.max(-1, keepdims=True))
        mixed = (powers @ v) / powers.sum(-1, keepdims=True)
        return mixed.transpose(0, 2, 1, 3).reshape(b, n, d) @ self.outside


def multi_head(x, wq, wk, wv, wo, heads, causal=False):
    return Layer(wq, wk, wv, wo, heads)(x, causal)


def attend(q, k, v, mask=None):
    found = scores(q, k)
    if mask is None:
        mask = np.ones(1, bool)
    lowered = np.where(mask, found, -1e30)
    powers = np.exp(lowered - lowered.max(axis=-1, keepdims=True))
    weights = powers / powers.sum(axis=-1, keepdims=True)
    return weights @ v * np.broadcast_to(mask, found.shape).any(axis=-1, keepdims=True)


def positions(n, width):
    columns = np.arange(width)
    angles = np.outer(np.arange(n), 10000.0 ** (-(columns // 2 * 2) / width))
    return np.sin(angles + np.pi / 2 * (columns % 2))  # a cosine is a sine, a quarter turn ahead
