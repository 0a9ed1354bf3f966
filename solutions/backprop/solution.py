# %% [markdown] id="title"
# # How does a network learn? Back-propagation by hand
#
# `model.fit` hides three ideas: a loss that says how wrong the network is, its gradients, which say
# how each weight has to change, and a step that changes the weights a little. You write all three in
# NumPy, for a network with one hidden layer, and train it with them.
#
# What you learn: how the chain rule runs backwards through a network, why every gradient has the
# shape of its weights, what momentum does, and what an epoch is made of.
#
# | function | returns |
# | --- | --- |
# | `mean_squared_error(y, p)` | the loss of numbers |
# | `cross_entropy(labels, probabilities)` | the loss of classes |
# | `gradients(x, y, params)` | how the loss changes with each weight and bias |
# | `sgd_step(params, gradients, velocity, rate, momentum)` | the weights after a step, and the velocity |
# | `train(params, x, y, epochs, batch_size, rate, momentum, seed)` | the trained weights, and a loss for each epoch |
#
# ## What holds for all of them
#
# - Arrays of numbers are `float32` or `float64`. Sizes are any from 1: a batch may be a single row.
# - **No function changes its arguments.** The grader looks at them after each call. `w += step`
#   changes the array `w` itself, `w = w + step` makes a new array. `dict(params)` copies a dict,
#   but not the arrays in it.
# - A number may be off by a ten-thousandth (`1e-4`) of the largest number in its array; a single
#   number, such as a loss, by a ten-thousandth of itself. Computing in `float32` is exact enough.
# - Write them in NumPy, without Keras, TensorFlow or another library that differentiates. How you compute in NumPy is
#   free, and you may write helper functions.

# %% id="imports"
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] id="network"
# ## The network
#
# ```text
#            w1, b1               relu              w2, b2
#  x (n, d) ────────► z (n, h) ────────► a (n, h) ────────► p (n, m) ────────► loss(y, p)
#
#            dw1, db1           times the          dw2, db2
#                               slope of relu      · w2 transposed
#                     dz (n, h) ◄──────── da (n, h) ◄──────── dp (n, m) ◄──────── backwards
# ```
#
# - `x` holds `n` rows of `d` inputs, `y` and `p` hold `n` rows of `m` targets and predictions.
# - `z = x w1 + b1`, then `a = relu(z) = max(z, 0)`, then `p = a w2 + b2`. Nothing follows `p`: the output is linear.
# - The gradients have the shapes of what they belong to: `dw1` `(d, h)` and `db1` `(h,)` come from `x` and `dz`, `dw2`
#   `(h, m)` and `db2` `(m,)` from `a` and `dp`.
# - `params` is a dict of four arrays: `"w1"` `(d, h)`, `"b1"` `(h,)`, `"w2"` `(h, m)`, `"b2"` `(m,)`.
#
# The forward pass is given. Use it wherever you like.


# %% id="predict"
def predict(x, params):
    """Return the predictions p (n, m) for the rows x (n, d)."""
    a = np.maximum(x @ params["w1"] + params["b1"], 0)
    return a @ params["w2"] + params["b2"]


# %% [markdown] id="example"
# ## An example on paper
#
# Two rows, one input, three hidden units, two outputs. The visible checks use exactly these numbers,
# so you can compare every line below with yours.
#
# ```text
# x = 1     w1 = 1  -1   1     b1 = 0   2  -3     w2 = 1   0     b2 = 0   1     y = 1   4
#     2                                                2  -1                        0  -1
#                                                      1   1
#
# forwards    z = 1   1  -2     a = 1   1   0     p = 3   0     p - y = 2  -4
#                 2   0  -1         2   0   0         2   1             2   2
# ```
#
# The middle unit has `z = 0` for the second row. The last unit has `z < 0` in both rows: relu gives 0, it is *off*.

# %% id="example-numbers"
X = np.array([[1.0], [2.0]])
Y = np.array([[1.0, 4.0], [0.0, -1.0]])
PARAMS = {
    "w1": np.array([[1.0, -1.0, 1.0]]),
    "b1": np.array([0.0, 2.0, -3.0]),
    "w2": np.array([[1.0, 0.0], [2.0, -1.0], [1.0, 1.0]]),
    "b2": np.array([0.0, 1.0]),
}

# %% [markdown] id="losses"
# ## 1. Two losses
#
# `mean_squared_error(y, p)` takes targets and predictions, both `(n, m)`. It returns one number: the
# mean of `(p - y)²` over **all** `n · m` numbers. In the example this is
# `(4 + 16 + 4 + 4) / 4 = 7`.
#
# `cross_entropy(labels, probabilities)` is for classes. `probabilities` `(n, k)` holds a row of `k`
# probabilities for each case, and `labels` `(n,)` holds integers from `0` to `k - 1`: the class that is right.
# Only the probability `q` of the right class counts. The function returns one number, the mean over
# the `n` rows of `-log(max(q, 1e-12))`, with the natural logarithm. Without the `max`, a probability of 0 would
# give infinity. A class may occur in no label at all, so the number of classes is `k`, not `labels.max() + 1`.
#
# ```text
# labels  probabilities       q       -log(q)
# 2       0.25  0.25  0.5     0.5     0.6931
# 0       1     0     0       1       0
# 1       0.5   0.25  0.25    0.25    1.3863     mean 0.6931
# ```


# %% id="mean-squared-error"
def mean_squared_error(y, p):
    """Return the mean of the squared differences between y (n, m) and p (n, m), one number."""
    ### BEGIN SOLUTION
    return np.mean((p - y) ** 2)
    ### END SOLUTION


# %% id="cross-entropy"
def cross_entropy(labels, probabilities):
    """Return the mean of -log of the right class's probability, one number.

    labels: (n,) integers. probabilities: (n, k), may be 0: raise them to 1e-12 first.
    """
    ### BEGIN SOLUTION
    right = probabilities[np.arange(len(labels)), labels]
    return -np.mean(np.log(np.maximum(right, 1e-12)))
    ### END SOLUTION


# %% [markdown] id="losses-demo-text"
# Try it: the p of the example, 7 and 0.6931 are expected. The plot shows why the cross-entropy is a good teacher: being
# sure and wrong is expensive.

# %% id="losses-demo" tags=["demo"]
print("predictions", predict(X, PARAMS).tolist())
print("mean squared error", mean_squared_error(Y, predict(X, PARAMS)))
thirds = np.array([[0.25, 0.25, 0.5], [1.0, 0.0, 0.0], [0.5, 0.25, 0.25]])
print("cross-entropy", cross_entropy(np.array([2, 0, 1]), thirds))
shares = np.linspace(0.001, 1, 200)
plt.plot(shares, [cross_entropy(np.array([0]), np.array([[q, 1 - q]])) for q in shares])
plt.xlabel("probability of the right class")
plt.ylabel("cross-entropy")
plt.show()

# %% [markdown] id="gradients-statement"
# ## 2. The gradients
#
# `gradients(x, y, params)` returns a dict with the keys `"w1"`, `"b1"`, `"w2"`, `"b2"`. Each value has the shape of
# the array of that name in `params`. It says by how much the **mean squared error** of the
# predictions for `x` grows, for each number in `params`, if that number grows a little.
#
# The chain rule gives them from the back to the front. Write `dp` for the gradient with respect to `p`, and so on:
#
# 1. **The loss.** Each of the `n · m` numbers of `p` adds `(p - y)² / (n · m)` to the loss. Its
#    derivative is the matching number of `dp`: it has a factor 2, and the mean's divisor.
# 2. **The output layer.** `w2[j, k]` multiplies `a[i, j]` on the way to `p[i, k]`, in every row `i`. So `dw2[j, k]` is
#    the **sum over the rows** of `a[i, j] · dp[i, k]`. A bias is added in every row: `db2[k]` is the sum over the rows
#    of `dp[i, k]`. The mean is in `dp` already, so nothing is averaged here.
# 3. **Back through the weights.** `a[i, j]` reaches all `m` outputs: `da[i, j]` is the sum over `k` of `dp[i, k] · w2[j, k]`.
# 4. **Back through relu.** Where `z > 0`, relu lets a change through, so its slope is 1. Elsewhere the slope is 0, **also at
#    `z = 0`**. `dz` is `da` times this slope. The slope comes from `z`, not from `da` or `p`.
# 5. **The hidden layer.** As in step 2, with `x` in the place of `a`, and `dz` in the place of `dp`.
#
# In the example:
#
# ```text
# dp = 1  -2     dw2 = 3   0     da = 1   4  -1     slope = 1  1  0     dz = 1  4  0     dw1 = 3  4  0
#      1   1           1  -2          1   1   2             1  0  0          1  0  0
#                      0   0
#                db2 = 2  -1                                                             db1 = 2  4  0
# ```
#
# The last unit is off for both rows, so it learns nothing: no row can reach its weights.
#
# The sums of steps 2, 3 and 5 are matrix products. Which factor is transposed? The shapes tell, as
# long as `n`, `d`, `h` and `m` differ. The grader's sizes differ.


# %% id="gradients"
def gradients(x, y, params):
    """Return the gradients of the mean squared error, a dict with the keys and shapes of params.

    x: (n, d). y: (n, m). params: w1 (d, h), b1 (h,), w2 (h, m), b2 (m,).
    """
    ### BEGIN SOLUTION
    z = x @ params["w1"] + params["b1"]
    a = np.maximum(z, 0)
    dp = 2 * (a @ params["w2"] + params["b2"] - y) / y.size
    dz = (dp @ params["w2"].T) * (z > 0)
    return {"w1": x.T @ dz, "b1": dz.sum(axis=0), "w2": a.T @ dp, "b2": dp.sum(axis=0)}
    ### END SOLUTION


# %% [markdown] id="gradients-demo-text"
# Try it. A gradient can be checked without any chain rule: move one number a little up and a little down, and see what
# the loss does. This takes two forward passes for every single weight, so nobody trains like this; it also cannot know
# which slope you want where relu has its corner. The grader's networks have such corners, so these numbers
# are a comparison for you and no replacement. Both columns should agree.

# %% id="gradients-demo" tags=["demo"]
rng = np.random.default_rng(1)
x, y = rng.normal(size=(5, 2)), rng.normal(size=(5, 3))
params = {
    "w1": rng.normal(size=(2, 4)),
    "b1": rng.normal(size=4),
    "w2": rng.normal(size=(4, 3)),
    "b2": rng.normal(size=3),
}
computed = gradients(x, y, params)
print("weight        gradients   nudged")
for key in params:
    place = (0,) * params[key].ndim  # the first number of each array
    losses = []
    for nudge in (1e-5, -1e-5):
        moved = {name: array.copy() for name, array in params.items()}
        moved[key][place] += nudge
        losses.append(mean_squared_error(y, predict(x, moved)))
    slope = (losses[0] - losses[1]) / 2e-5
    print(f"{key}{list(place)!s:10}  {computed[key][place]:9.5f}  {slope:9.5f}")

# %% [markdown] id="sgd-step-statement"
# ## 3. A step
#
# Stochastic gradient descent (SGD) goes a little downhill after each batch. With momentum it does not start anew each
# time: it keeps a velocity, as a ball that rolls.
#
# `sgd_step(params, gradients, velocity, rate, momentum)` takes three dicts with the same four keys
# and shapes, and two numbers. In it, the argument `gradients` is a dict and hides the function of that name, which `sgd_step`
# does not need. It returns **two dicts**, the new params and the new velocity. For each number, as Keras does:
#
# ```text
# new velocity = momentum · velocity - rate · gradient
# new weight   = weight + new velocity
# ```
#
# In the example, with the gradients from above, a velocity of 1 for every weight, `rate = 0.1` and
# `momentum = 0.9`, the bias `b2` gets
#
# ```text
# new velocity = 0.9 · [1  1] - 0.1 · [2  -1] = [0.7  1.0]
# new b2       = [0  1] + [0.7  1.0]          = [0.7  2.0]
# ```


# %% id="sgd-step"
def sgd_step(params, gradients, velocity, rate, momentum):
    """Return the new params and the new velocity, two dicts with the keys and shapes of params.

    params, gradients, velocity: dicts of w1 (d, h), b1 (h,), w2 (h, m), b2 (m,). rate, momentum: numbers.
    """
    ### BEGIN SOLUTION
    moved = {key: momentum * velocity[key] - rate * gradients[key] for key in params}
    return {key: params[key] + moved[key] for key in params}, moved
    ### END SOLUTION


# %% [markdown] id="train-statement"
# ## 4. The training
#
# `train(params, x, y, epochs, batch_size, rate, momentum, seed)` returns **two values**: the trained params, and a list of floats,
# the losses. It is `model.fit` with shuffling:
#
# - The velocity is 0 before the first step. It is kept from step to step, and from epoch to epoch.
# - Make **one** generator `rng = np.random.default_rng(seed)` for the whole training. At the beginning of **each** epoch,
#   `order = rng.permutation(n)` gives the order of this epoch's rows, where `n` is the number of rows of `x`.
#   Use the generator for nothing else: so your batches are the grader's.
# - The batches are the first `batch_size` rows in this order, then the next, and so on. **The last batch may be shorter, and
#   it counts too.** Where `batch_size` is larger than `n`, an epoch has one batch.
# - Each batch makes one step, with the gradients of the mean squared error of **this batch's** rows, at the params of this moment.
# - After each epoch, the mean squared error on **all** rows with the params of this moment is added to the list: `epochs` numbers.
#
# In the example, one epoch with `batch_size = 2`, `rate = 0.1` and `momentum = 0.9` is a single step
# from a velocity of 0, whatever the seed:
#
# ```text
# w1 = 0.7  -1.4   1     b1 = -0.2   1.6  -3     w2 = 0.7   0      b2 = -0.2   1.1     losses = [3.601025]
#                                                     1.9  -0.8
#                                                     1     1
# ```


# %% id="train"
def train(params, x, y, epochs, batch_size, rate, momentum, seed):
    """Return the trained params, and the list of the losses on all rows after each epoch.

    params: w1 (d, h), b1 (h,), w2 (h, m), b2 (m,), left as they are. x: (n, d). y: (n, m).
    epochs, batch_size: integers from 1. rate, momentum: numbers. seed: an integer.
    """
    ### BEGIN SOLUTION
    velocity = {key: np.zeros_like(array) for key, array in params.items()}
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            batch = gradients(x[rows], y[rows], params)
            params, velocity = sgd_step(params, batch, velocity, rate, momentum)
        losses.append(float(mean_squared_error(y, predict(x, params))))
    return params, losses
    ### END SOLUTION


# %% [markdown] id="train-demo-text"
# Try it: a wave from 60 noisy points. The hidden layer has 20 units, and each of them can bend the line once. What does
# a momentum of 0 change? What does a rate of 0.2 do?

# %% id="train-demo" tags=["demo"]
rng = np.random.default_rng(0)
x = rng.uniform(-2, 2, size=(60, 1))
y = np.sin(2 * x) + 0.1 * rng.normal(size=x.shape)
start = {
    "w1": rng.normal(size=(1, 20)),
    "b1": rng.normal(size=20),
    "w2": rng.normal(scale=0.2, size=(20, 1)),
    "b2": np.zeros(1),
}
fitted, losses = train(start, x, y, epochs=200, batch_size=16, rate=0.02, momentum=0.9, seed=7)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3))
left.semilogy(losses)
left.set(xlabel="epoch", ylabel="mean squared error")
grid = np.linspace(-2, 2, 200)[:, None]
right.plot(x, y, ".", label="rows")
right.plot(grid, predict(grid, start), label="before")
right.plot(grid, predict(grid, fitted), label="after")
right.legend()
plt.show()

# %% [markdown] id="scoring"
# ## How it is scored
#
# | points | check | you can run it |
# | ---: | --- | --- |
# | 1 | `mean_squared_error` of the example | yes |
# | 1 | `cross_entropy` of the example | yes |
# | 1 | `gradients` of the example | yes |
# | 1 | `sgd_step` of the example | yes |
# | 1 | `train` of the example | yes |
# | 1 | `mean_squared_error` of drawn numbers | |
# | 1 | `cross_entropy` of drawn probabilities, also where they are 0 | |
# | 2 | `gradients` of `w2` and `b2` of drawn networks | |
# | 2 | `gradients` of `w1` and `b1` of drawn networks | |
# | 1 | units whose `z` is 0 or below for every row learn nothing | |
# | 1 | `sgd_step` of drawn networks, several steps in a row | |
# | 2 | the params of `train`: batches, order, velocity | |
# | 1 | the losses of `train` belong to its params after each epoch | |
#
# **16 points.** A drawn network has other sizes and other numbers than the example, also inputs and targets in the
# thousands, and sometimes a single row. The last two checks judge `train` by itself: if the numbers of your `gradients`,
# `sgd_step` or `mean_squared_error` are wrong, `train` may still use them rightly, and then it earns its points, as long
# as they return the right keys and shapes.
#
# Classic mistakes: the factor 2 or the divisor missing; `n` as divisor where it is `n · m`; a transposed product that only fits
# when `h` equals `m`; a mean where a sum over rows is asked for; a bias gradient `(1, h)` instead of `(h,)`; the slope of relu taken from another
# layer; a plus where the velocity has a minus; a dict copied but not its arrays; the last short batch left out; the same
# order in every epoch.
#
# Where it goes next: the car prices of `car_price` are learned by exactly this loop. There Keras finds the gradients.
