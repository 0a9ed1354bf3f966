# %% [markdown] id="title"
# # What does a Transformer look at? Attention by hand
#
# A convolution looks at neighbours, a recurrent network at what it remembers. Attention looks at **everything at
# once** and decides for itself what matters: each position asks a question, every position offers an answer, and the
# answers are mixed in proportion to how well they fit. All large language models are built from this. You
# write it in NumPy, from a single score to several heads, and the codes that tell positions apart.
#
# A **sequence** is a list of `n` vectors, such as the words of a sentence; a place in it is a **position**.
#
# What you learn: what queries, keys and values are, why scores are scaled, what a causal mask keeps from
# happening, what a head is, and why attention needs to be told about order.
#
# | function | returns |
# | --- | --- |
# | `scores(q, k)` | how well each key fits each query |
# | `causal_mask(n)` | who may look at whom, if nobody may look ahead |
# | `attend(q, k, v, mask=None)` | the mixed values |
# | `split_heads(x, heads)`, `join_heads(x)` | the columns, shared out to the heads and put together again |
# | `multi_head(x, wq, wk, wv, wo, heads, causal=False)` | what a layer of attention makes of a sequence |
# | `positions(n, width)` | a code for each position |
#
# ## What holds for all of them
#
# - Arrays of numbers are `float32` or `float64`. Sizes are any from 1 unless stated otherwise: a sequence may have a single
#   position. `…` in a shape stands for any number of leading axes, also for none: `(2, 5, n, d)` holds ten matrices `(n, d)`.
#   Each of these matrices is computed by itself. NumPy's `@` and `np.swapaxes(x, -1, -2)` work on the last two axes; `x.T`
#   turns **all** axes around, which fits matrices without leading axes only.
# - **No function changes its arguments.**
# - A number may be off by a ten-thousandth (`1e-4`) of the largest number in its array. Computing in
#   `float32` is exact enough.
# - Write them in NumPy, without Keras, TensorFlow or another library that has attention. How you compute in NumPy is
#   free, and you may write helper functions.

# %% id="imports"
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] id="scores-statement"
# ## 1. Scores
#
# A query is a vector of `d` numbers: what a position looks for. A key is a vector of `d` numbers: what a position has to
# offer. Their dot product is large where they point the same way. `scores(q, k)` takes `n` queries `(…, n, d)` and `m`
# keys `(…, m, d)`, with the same leading axes. It returns `(…, n, m)`: row `i`, column `j` holds the dot product of
# query `i` and key `j`, **divided by the square root of `d`**. A sum of `d` products grows with `d`; divided, it does not.
#
# ```text
# q = 1 1 1 1     k = 2 0 0 0     products = 2 4 4     scores = 1 2 2      the root of d = 4 is 2
#     2 0 0 0         1 1 1 1                4 2 0              2 1 0
#                     0 2 0 2
# ```
#
# Leading axes are part of `scores` already: for `q` `(2, 2, 4)` and `k` `(2, 3, 4)` it returns `(2, 2, 3)`. The visible
# check tries that, too.


# %% id="scores"
def scores(q, k):
    """Return the scaled dot products (…, n, m) of queries q (…, n, d) and keys k (…, m, d)."""
    ### BEGIN SOLUTION
    return q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    ### END SOLUTION


# %% [markdown] id="causal-mask-statement"
# ## 2. A causal mask
#
# A network that learns to continue a text must not read what comes next. A mask says who may look at whom: it holds `True`
# where looking is **allowed**. `causal_mask(n)` returns the mask `(n, n)` of booleans in which position `i` may look at itself
# and at all positions before, and at none after it.
#
# ```text
#                 looks at 0  1  2
# causal_mask(3) = 0       T  F  F
#                  1       T  T  F
#                  2       T  T  T
# ```


# %% id="causal-mask"
def causal_mask(n):
    """Return a mask (n, n) of booleans: True where the row's position may look at the column's."""
    ### BEGIN SOLUTION
    return np.tri(n, dtype=bool)
    ### END SOLUTION


# %% [markdown] id="attend-statement"
# ## 3. Attention
#
# `attend(q, k, v, mask=None)` takes queries `(…, n, d)`, keys `(…, m, d)` and for each key a value, `v` `(…, m, dv)`. It returns
# `(…, n, dv)`: for each query a mixture of the values. `q`, `k` and `v` have the same leading axes, and `mask` adds none.
# A **weight** here is an attention weight, how much of a value goes into the mixture; the trained weights of a layer
# (`wq` … in part 5) are something else.
#
# 1. The scores `(…, n, m)` come from `scores(q, k)`.
# 2. Where `mask` is given and `False`, the key does not exist for this query: its weight is 0, and the other weights
#    are as if there were no such key.
# 3. The weights of a query are the **softmax of its row**: `e` to the power of each score, divided by the row's sum of
#    these. So each query's weights sum to 1 **over the keys**.
# 4. The result is the sum of all values, each times its weight: `weights @ v`.
#
# Three things to watch:
#
# - `mask` is a boolean array `(n, m)`, or any shape that NumPy broadcasts to `(…, n, m)`, such as `(m,)` or `(b, 1, 1, m)`.
#   `s[~mask] = -1e9` does not broadcast, `np.where(mask, s, ...)` does.
# - **A row that is masked whole gives zeros.** There is nothing to look at; softmax would give `nan`.
# - Scores may be in the thousands. Take the largest score of each row away before the exponential: the weights stay the same,
#   and nothing overflows. It must be the largest score **that is allowed**. If a masked score is far above all others, their
#   exponentials are all 0, and nothing is left to divide by.
#
# On paper, with weights that are quarters because `e` to the power of `log(3) = 1.0986` is 3:
#
# ```text
# q =  2 0 0 0     k = 0      0 0 0     v = 4 0
#      0 0 0 0         1.0986 0 0 0         0 8
#     -2 0 0 0
#
# scores = 0  1.0986     weights = 0.25 0.75     result = 1 6
#          0  0                    0.5  0.5               2 4
#          0 -1.0986               0.75 0.25              3 2
#
# mask   = T  T          weights = 0.25 0.75     result = 1 6
#          T  F                    1    0                 4 0
#          F  F                    0    0                 0 0
# ```


# %% id="attend"
def attend(q, k, v, mask=None):
    """Return the values mixed for each query, (…, n, dv).

    q: (…, n, d). k: (…, m, d). v: (…, m, dv). mask: None, or booleans that broadcast to (…, n, m),
    True where attention is allowed; a row without any True gives zeros.
    """
    ### BEGIN SOLUTION
    fits = scores(q, k)
    if mask is not None:
        fits = np.where(mask, fits, -np.inf)
    largest = fits.max(axis=-1, keepdims=True)
    powers = np.exp(fits - np.where(np.isfinite(largest), largest, 0))
    total = powers.sum(axis=-1, keepdims=True)
    return powers / np.where(total == 0, 1, total) @ v
    ### END SOLUTION


# %% [markdown] id="attend-demo-text"
# Try it. Six words, each a random vector, look at themselves and at each other. The pictures show the weights:
# with the unit matrix as values, the result *is* the weights. With the causal mask everything above the diagonal is 0,
# and each row still sums to 1.

# %% id="attend-demo" tags=["demo"]
words = "the cat sat on the mat".split()
rng = np.random.default_rng(3)
vectors = np.stack([np.random.default_rng(len(w) + ord(w[0])).normal(size=8) for w in words])
figure, axes = plt.subplots(1, 2, figsize=(9, 4))
for axis, mask, title in zip(axes, (None, causal_mask(6)), ("no mask", "causal"), strict=True):
    weights = attend(vectors, vectors, np.eye(6), mask)
    axis.imshow(weights, vmin=0, vmax=1)
    axis.set(title=title, xlabel="looks at", ylabel="word")
    axis.set_xticks(range(6), words)
    axis.set_yticks(range(6), words)
    print(title, "row sums", weights.sum(axis=1))
plt.show()

# %% [markdown] id="heads-statement"
# ## 4. Heads
#
# One mixture for each position is little: a word may need its verb and its article at the same time. So the `d` columns are shared out
# to several heads, and each head attends for itself.
#
# `split_heads(x, heads)` takes `(b, n, d)`, where `heads` divides `d`, and returns `(b, heads, n, d / heads)`. The **first** `d / heads`
# columns of every position go to the first head, the next to the second head, and so on. `join_heads(x)` undoes
# this: `(b, heads, n, w)` becomes `(b, n, heads · w)`.
#
# ```text
# x[0] = 1  2  3  4       split_heads(x, 2)[0] = head 0   1  2      head 1   3  4
#        5  6  7  8                                       5  6               7  8
#        9 10 11 12                                       9 10              11 12
# ```
#
# A reshape alone keeps the order in which the numbers lie in memory: row by row. It would give the first head the numbers
# 1 to 6, from one and a half positions. The axes have to change places as well.


# %% id="split-heads"
def split_heads(x, heads):
    """Return the columns of x (b, n, d) shared out to heads: (b, heads, n, d / heads)."""
    ### BEGIN SOLUTION
    b, n, d = x.shape
    return np.swapaxes(x.reshape(b, n, heads, d // heads), 1, 2)
    ### END SOLUTION


# %% id="join-heads"
def join_heads(x):
    """Return the heads' columns (b, heads, n, w) side by side: (b, n, heads * w)."""
    ### BEGIN SOLUTION
    b, heads, n, w = x.shape
    return np.swapaxes(x, 1, 2).reshape(b, n, heads * w)
    ### END SOLUTION


# %% [markdown] id="multi-head-statement"
# ## 5. A layer of attention
#
# ```text
#               ┌─ · wq ─► queries ─ split ─┐
#  x (b, n, d) ─┼─ · wk ─► keys    ─ split ─┼─► attend ─ join ─► · wo ─► (b, n, d)
#               └─ · wv ─► values  ─ split ─┘    ▲
#                                          causal mask
# ```
#
# `multi_head(x, wq, wk, wv, wo, heads, causal=False)` takes `b` sequences of `n` positions with `d` numbers each, and four matrices
# `(d, d)`. Queries, keys and values are `x @ wq`, `x @ wk` and `x @ wv`. They are split into heads, each head attends, the heads
# are joined, and the result is multiplied by `wo` in the same way. There are no biases. With `causal=True`, every head attends with the
# causal mask. `keras.layers.MultiHeadAttention` does the same, with `use_bias=False` and `key_dim = d / heads`.
#
# The scores of a head are divided by the root of **its own** width, `d / heads`. That comes by itself if `attend` gets
# the split arrays.
#
# On paper, with one sequence of two positions, and two heads of four columns each. So products are divided by 2, the root
# of 4, and not by the root of 8:
#
# ```text
# x[0] = 0 0 0 0  0 1 0 0     wq = 2.1972 on the diagonal, twice log(3)    wv = diagonal 4 4 4 4  8 8 8 8
#        1 0 0 0  0 0 0 0     wk = 1 on the diagonal                       wo = exchanges the halves of a row
#
#         queries            keys       products / 2     weights      values     result
# head 0  0      0 0 0       0 0 0 0    0  0             0.5  0.5     0 0 0 0    2 0 0 0
#         2.1972 0 0 0       1 0 0 0    0  1.0986        0.25 0.75    4 0 0 0    3 0 0 0
# head 1  0 2.1972 0 0       0 1 0 0    1.0986  0        0.75 0.25    0 8 0 0    0 6 0 0
#         0      0 0 0       0 0 0 0    0       0        0.5  0.5     0 0 0 0    0 4 0 0
#
# joined 2 0 0 0  0 6 0 0     times wo  0 6 0 0  2 0 0 0
#        3 0 0 0  0 4 0 0               0 4 0 0  3 0 0 0
#
# with causal=True, joined 0 0 0 0  0 8 0 0     times wo  0 8 0 0  0 0 0 0
#                          3 0 0 0  0 4 0 0               0 4 0 0  3 0 0 0
# ```


# %% id="multi-head"
def multi_head(x, wq, wk, wv, wo, heads, causal=False):
    """Return what attention with several heads makes of x (b, n, d): (b, n, d).

    wq, wk, wv, wo: (d, d). heads: an integer that divides d. causal: no position looks ahead.
    """
    ### BEGIN SOLUTION
    mask = causal_mask(x.shape[1]) if causal else None
    q, k, v = (split_heads(x @ w, heads) for w in (wq, wk, wv))
    return join_heads(attend(q, k, v, mask)) @ wo
    ### END SOLUTION


# %% [markdown] id="multi-head-demo-text"
# Try it: with `causal=True`, the output of the first positions must not change when a later position does. And
# without a mask, attention knows nothing of order: if two positions of the input change places, the same two positions of
# the output change places, and nothing else happens. That is what the last function is for.

# %% id="multi-head-demo" tags=["demo"]
rng = np.random.default_rng(5)
x, matrices = rng.normal(size=(1, 5, 6)), rng.normal(size=(4, 6, 6)) / 2
changed = x.copy()
changed[0, 3] += 1
before, after = (multi_head(one, *matrices, 3, True) for one in (x, changed))
print("causal, position 3 changed: the output moved by", np.abs(after - before).max(axis=(0, 2)))
order = [0, 4, 2, 3, 1]
same = np.allclose(multi_head(x[:, order], *matrices, 3), multi_head(x, *matrices, 3)[:, order])
print("two positions swapped: the output is swapped in the same way:", same)

# %% [markdown] id="positions-statement"
# ## 6. Where am I?
#
# To tell positions apart, a code is added to each position's vector before the first layer. `positions(n, width)` returns these codes,
# `(n, width)`, as *Attention is all you need* (Vaswani and others, 2017) defines them. `width` is even. For position `p` from `0` to
# `n - 1` and pair `i` from `0` to `width / 2 - 1`, the angle is
#
# ```text
# angle = p / 10000^(2 i / width)
# ```
#
# Column `2 i` holds the sine of the angle, column `2 i + 1` its cosine. So sines are in the even columns and cosines in the odd ones,
# in turns, like hands of clocks: the first pair turns fast, the last pair very slowly.
#
# ```text
#                   sine    cosine   sine   cosine
# positions(3, 4) = 0       1        0      1          angles 0  0
#                   0.8415  0.5403   0.01   0.99995           1  0.01
#                   0.9093 -0.4161   0.02   0.9998            2  0.02
# ```


# %% id="positions"
def positions(n, width):
    """Return the codes (n, width) of n positions: sines in even columns, cosines in odd columns."""
    ### BEGIN SOLUTION
    angles = np.arange(n)[:, None] / 10000.0 ** (np.arange(0, width, 2) / width)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(n, width)
    ### END SOLUTION


# %% [markdown] id="positions-demo-text"
# Try it. On the left the codes themselves. On the right the dot products of all pairs of codes: they depend on the distance only, so
# a head can learn to look "three back".

# %% id="positions-demo" tags=["demo"]
codes = positions(60, 32)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
left.imshow(codes, aspect="auto", cmap="RdBu")
left.set(xlabel="column", ylabel="position")
right.imshow(codes @ codes.T)
right.set(xlabel="position", ylabel="position")
plt.show()

# %% [markdown] id="scoring"
# ## How it is scored
#
# | points | check | you can run it |
# | ---: | --- | --- |
# | 1 | `scores` of the example | yes |
# | 1 | `causal_mask(3)` | yes |
# | 1 | `attend` of the example without a mask | yes |
# | 1 | `attend` of the example with the mask | yes |
# | 1 | `split_heads` and `join_heads` of the example | yes |
# | 1 | `multi_head` of the example, without and with the causal mask | yes |
# | 1 | `positions(3, 4)` | yes |
# | 1 | `scores` of drawn queries and keys | |
# | 1 | `causal_mask` of other sizes | |
# | 2 | `attend` of drawn arrays without a mask | |
# | 2 | `attend` with drawn masks of all shapes, also with rows that are masked whole | |
# | 1 | `attend` with scores in the thousands, also where the largest is masked | |
# | 1 | `split_heads` of drawn arrays | |
# | 1 | `join_heads` of drawn arrays | |
# | 2 | `multi_head` of drawn sequences | |
# | 1 | `multi_head` of drawn sequences with `causal=True` | |
# | 1 | `positions` of other sizes | |
#
# **20 points.** Drawn arrays have other sizes and other numbers than the examples. The hidden checks judge `attend` and `multi_head` by
# themselves: if your `scores` is wrong, `attend` may still use it rightly, and then it earns its points. That also holds if
# `scores` raises an exception, provided `attend` calls `scores`: the check then tries `attend` with a right `scores`. The same
# holds for `multi_head` and the functions that it is made of. The visible checks of the examples expect the numbers on
# paper, whatever is wrong on the way.
#
# Classic mistakes: no division by the root of `d`; softmax over the queries, so that columns sum to 1; a mask that is applied after
# softmax, so that rows no longer sum to 1; `nan` where a row is masked whole; a mask that lets position `i` see `i + 1`; heads
# made by a reshape alone; `wo` forgotten; all sines first and then all cosines.
#
# Where it goes next: a Transformer is a stack of blocks, often a dozen; each block is this layer and two dense layers
# behind it. In Keras the layer is
# `keras.layers.MultiHeadAttention`. As an experiment, put it in the place of the LSTM in a copy of your `bikes_lstm`: is the
# error smaller? (To hand in, `bikes_lstm` wants its LSTM.)
