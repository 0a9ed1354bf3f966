# Every number is computed by itself; results are nested lists where that is easier.
import itertools
import math

import numpy as np


def scores(q, k):
    (*lead, n, d), m = q.shape, k.shape[-2]
    found = np.zeros((*lead, n, m))
    for place in itertools.product(*map(range, (*lead, n, m))):
        *batch, i, j = place
        total = sum(float(a) * float(b) for a, b in zip(q[*batch, i], k[*batch, j], strict=True))
        found[place] = total / math.sqrt(d)
    return found


def causal_mask(n):
    return [[j <= i for j in range(n)] for i in range(n)]


def attend(q, k, v, mask=None):
    found = scores(q, k)
    allowed = np.ones(found.shape, bool) if mask is None else np.broadcast_to(mask, found.shape)
    result = np.zeros((*found.shape[:-1], v.shape[-1]))
    for place in np.ndindex(found.shape[:-1]):
        keys = [j for j in range(found.shape[-1]) if allowed[place][j]]
        if not keys:
            continue
        largest = max(found[place][j] for j in keys)
        powers = {j: math.exp(found[place][j] - largest) for j in keys}
        for j in keys:
            result[place] += powers[j] / sum(powers.values()) * v[place[:-1]][j]
    return result


def split_heads(x, heads):
    w = x.shape[2] // heads
    return [[sequence[:, h * w : (h + 1) * w].tolist() for h in range(heads)] for sequence in x]


def join_heads(x):
    return [np.hstack(list(sequence)) for sequence in x]


def multi_head(x, wq, wk, wv, wo, heads, causal=False):
    result = []
    w = x.shape[2] // heads
    for sequence in x:
        parts = []
        for h in range(heads):
            columns = slice(h * w, (h + 1) * w)
            q, k, v = (sequence @ one[:, columns] for one in (wq, wk, wv))
            parts.append(attend(q, k, v, causal_mask(len(sequence)) if causal else None))
        result.append(np.hstack(parts) @ wo)
    return result


def positions(n, width):
    rows = []
    for p in range(n):
        row = []
        for i in range(width // 2):
            angle = p / 10000 ** (2 * i / width)
            row += [math.sin(angle), math.cos(angle)]
        rows.append(row)
    return rows
