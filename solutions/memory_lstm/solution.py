# %% [markdown] id="title"
# # What does a network remember? A plain recurrent network and an LSTM
#
# A recurrent network reads a sequence step by step and takes its state from one step to the next.
# Plain ones forget within a few steps what they have read. An LSTM keeps it. You see this with your own eyes, on
# the simplest task that needs a memory: *now and then a flag goes up; which symbol was there when it was last up?*
#
# What you learn: what goes into a recurrent layer and what comes out, why gradients vanish on their
# way back through time, and what the memory cell of an LSTM does about it.
#
# | function | returns |
# | --- | --- |
# | `latch(n, length, n_symbols, seed)` | sequences and what is to be remembered in them |
# | `build_rnn(n_symbols, length)` | an untrained plain recurrent network |
# | `build_lstm(n_symbols, length)` | an untrained LSTM of the same size |
# | `train(model, x, y)` | the `History`; the model is trained |
# | `gradient_norms(model, x, y)` | how much each step of the past counts for the loss |

# %% id="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %% [markdown] id="latch-statement"
# ## 1. The sequences
#
# At each step a sequence shows one of `n_symbols` symbols, `0` to `n_symbols - 1`. At some steps a *flag* is
# up. The target of a step is **the symbol of the last step with a flag, this step included**. One sequence
# with 3 symbols and 8 steps:
#
# ```text
# step       0   1   2   3   4   5   6   7
# symbol     2   0   1   1   0   2   2   0
# flag       1   0   0   1   0   0   0   1
#
# x          0   1   0   0   1   0   0   1      is the symbol 0?
#            0   0   1   1   0   0   0   0      is the symbol 1?
#            1   0   0   0   0   1   1   0      is the symbol 2?
#            1   0   0   1   0   0   0   1      is the flag up?
#
# y          2   2   2   1   1   1   1   0
# ```
#
# `latch(n, length, n_symbols, seed)` returns `(x, y)`, `n` such sequences that chance draws:
#
# - `x` has the shape `(n, length, n_symbols + 1)` and the dtype `float32`. The first `n_symbols` numbers of a
#   step are the symbol, one-hot: 1 at the symbol, else 0. The last number is the flag, 1 or 0.
# - `y` has the shape `(n, length)` and the dtype `int32`: the target at every step.
# - **Symbols:** at each step of each sequence, all symbols are equally likely, whatever the other steps show.
# - **Flags:** at step 0 the flag is always up. At each later step it is up with a probability of **0.05**,
#   independently of all other steps and sequences.
# - **The seed:** equal arguments give equal sequences, whatever was drawn before; another seed gives
#   others. Use a generator of your own, such as `np.random.default_rng(seed)`. The grader looks at the properties of
#   your sequences, not at which ones you draw. Seeds are integers from 0 to 2**31 - 1.
#
# `n` and `length` are integers from 1, `n_symbols` from 2.


# %% id="latch"
def latch(n: int, length: int, n_symbols: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return x (n, length, n_symbols + 1) float32 and y (n, length) int32.

    x: one-hot symbols, and the flag as the last number. y: the symbol of the last step with a flag.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    symbols = rng.integers(n_symbols, size=(n, length))
    flags = rng.random((n, length)) < 0.05
    flags[:, 0] = True
    last = np.maximum.accumulate(np.where(flags, np.arange(length), 0), axis=1)
    x = np.concatenate([np.eye(n_symbols)[symbols], flags[:, :, np.newaxis]], axis=2)
    return x.astype("float32"), np.take_along_axis(symbols, last, axis=1).astype("int32")
    ### END SOLUTION


# %% [markdown] id="latch-demo-text"
# Try it. Follow a sequence with your finger: does `y` change where the flag is up, and nowhere else? The grader
# has sequences of its own for the parts below: mistakes here do not cost points there.

# %% id="latch-demo" tags=["demo"]
x, y = latch(2, 40, 4, seed=1)
for row in range(2):
    print("symbol", *x[row, :, :4].argmax(axis=1))
    print("flag  ", *["^" if up else " " for up in x[row, :, 4]])
    print("y     ", *y[row])
    print()

# %% [markdown] id="models-statement"
# ## 2. Two networks
#
# ```text
# plain network   h[t] = tanh(W x[t] + U h[t-1] + b)
#
#                 h[t-1] ──► times U ──► + W x[t] ──► tanh ──► h[t]      the whole memory is made anew
#                                                                        at every step
#
# LSTM            c[t] = f · c[t-1] + i · g        h[t] = o · tanh(c[t])
#
#                 c[t-1] ────► times f ────► plus i · g ────► c[t]       the cell c stays as it is
#                              keep?         write?                      while f is 1 and i is 0
# ```
#
# `f`, `i` and `o` are numbers from 0 to 1, *gates*, which the LSTM computes from `x[t]` and `h[t-1]`. In this task
# it has to learn: flag up, write; flag down, keep.
#
# `build_rnn(n_symbols, length)` and `build_lstm(n_symbols, length)` return Keras models, not yet trained. Both have
#
# - **input** `(None, length, n_symbols + 1)`: `x` as `latch` makes it.
# - **output** `(None, length, n_symbols)`: **at every step** a probability for each symbol. A recurrent layer returns
#   its last step alone unless you say `return_sequences=True`. A `Dense` layer behind it works on each step by itself,
#   and its softmax makes probabilities.
# - **a recurrent layer** on the way: in `build_rnn` a `keras.layers.SimpleRNN`, in `build_lstm` a `keras.layers.LSTM`, or an
#   `RNN` over `SimpleRNNCell` or `LSTMCell`. There is **no other kind** of recurrent layer in the model. Several layers
#   of the kind may be stacked.
# - **the same number of units** in both models, so that you compare the kinds and not the sizes. Sixteen units are enough.
# - **no other way from one step to another**: only the recurrent layers take something along. `Dense`, `TimeDistributed`,
#   `Dropout`, activations, normalisation over the last axis and arithmetic such as `a + b` treat each step by itself,
#   so you may use them. Attention, convolutions, pooling, `Flatten`, `Reshape`, cumulative sums and the like do not: with them
#   one would no longer see what the recurrent layer remembers.
# - **the order of time**: what comes out at a step depends on this step and on earlier ones, never on later ones. So the
#   steps are not reversed, and the layer is **not** `Bidirectional`: half of such a layer reads from the end, and
#   who wants to forecast tomorrow does not have the day after tomorrow.
#
# Use `Sequential`, the functional API or a class of your own with Keras's built-in layers. The grader rebuilds your model
# from the calls it consists of. Should it meet something it cannot read, `autograder check` tells you so before you hand in.


# %% id="build-rnn"
def build_rnn(n_symbols: int, length: int) -> keras.Model:
    """Return an untrained plain recurrent network: (batch, length, n_symbols + 1) to probabilities.

    The output (batch, length, n_symbols) holds a probability for each symbol at each step.
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input((length, n_symbols + 1)),
            keras.layers.SimpleRNN(16, return_sequences=True),
            keras.layers.Dense(n_symbols, activation="softmax"),
        ]
    )
    ### END SOLUTION


# %% id="build-lstm"
def build_lstm(n_symbols: int, length: int) -> keras.Model:
    """Return an untrained LSTM with the units of `build_rnn`, its input and its output."""
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input((length, n_symbols + 1)),
            keras.layers.LSTM(16, return_sequences=True),
            keras.layers.Dense(n_symbols, activation="softmax"),
        ]
    )
    ### END SOLUTION


# %% [markdown] id="models-demo-text"
# Try it: three sequences of ten steps go in, and each of their steps has four probabilities.

# %% id="models-demo" tags=["demo"]
x, y = latch(3, 10, 4, seed=2)
for build in (build_rnn, build_lstm):
    model = build(4, 10)
    model.summary()
    print("from", x.shape, "to", model.predict(x, verbose=0).shape, "should be (3, 10, 4)")

# %% [markdown] id="train-statement"
# ## 3. The training
#
# `train(model, x, y)` compiles and fits **the model it is given**, either of the two kinds, and returns the `History`:
#
# - It changes `model` in place. What you do to a copy, or to a model that `train` builds itself, is lost. The layers
#   stay as they were made: `train` moves their weights, and adds and exchanges none.
# - It learns from **its arguments**, all of them: `x` `(n, length, n_symbols + 1)` float32 and `y` `(n, length)` int32. The
#   grader gives it **1,000 sequences of 60 steps with 4 symbols**. In these, symbols have other names: where `latch` says
#   0, 1, 2, 3, the targets say **1, 2, 3, 0**. Whoever learns from sequences of the notebook instead is wrong at each step.
#   `autograder check` makes these sequences with your `latch`, the grader with the instructor's.
# - The loss is the cross-entropy of the targets at **all** steps: `"sparse_categorical_crossentropy"` takes the integers as
#   they are. With the last step alone hardly anything is learned: the steps right after a flag are the easy ones, and
#   show the network what the flag means.
# - The loss stays where it is for a few epochs and then falls quickly. Adam with its usual learning rate of 0.001 takes
#   sixty epochs for that. With 0.02 and batches of 32, or with 0.05 and batches of 100, it takes about ten. Gradients
#   that are clipped (`clipnorm=1.0`) or a rate that falls towards the end (`keras.optimizers.schedules.CosineDecay`)
#   keep the end calm.
#
# The `History` is shown to you, but nobody believes it: the grader looks at sequences that your network has never seen, and
# only at their **last step**, number 59. The share of sequences in which the most probable symbol there is the right one
# should be **0.9 or more** for the LSTM. This is what you will find:
#
# ```text
# share right at the last step of unseen sequences
#
#     1.0 |                      L   L   L   L   L   L   L
#     0.9 |                  L
#     0.8 |                                                    L  LSTM, 16 units
#     0.7 |              L                                     p  plain network, 16 units
#     0.6 |
#     0.5 |
#     0.4 |      L   L
#     0.3 |  L   p   p   p   p   p   p   p   p   p   p   p     a guess is right in 0.25
#     0.2 |  p
#         +------------------------------------------------
#   epoch    1   2   3   4   5   6   7   8   9   10  11  12
# ```
#
# The plain network does little better than guessing, also with more units and more epochs. It has no gate: in order to
# keep a symbol for fifty steps it would have to carry it through `U` and `tanh` fifty times, while at each
# step another symbol comes in that it should not even look at.


# %% id="train"
def train(model: keras.Model, x: np.ndarray, y: np.ndarray) -> keras.callbacks.History:
    """Fit `model` in place and return its History.

    model: from `build_rnn` or `build_lstm`. x: (n, length, n_symbols + 1) float32. y: (n, length) int32.
    """
    ### BEGIN SOLUTION
    model.compile(keras.optimizers.Adam(0.05, clipnorm=1.0), "sparse_categorical_crossentropy")
    return model.fit(x, y, epochs=12, batch_size=100, verbose=0)
    ### END SOLUTION


# %% [markdown] id="train-demo-text"
# Try it with both networks: the loss of each epoch, and the share right at each step of unseen sequences.

# %% id="train-demo" tags=["demo"]
x_train, y_train = latch(1000, 60, 4, seed=3)
x_new, y_new = latch(1000, 60, 4, seed=4)
figure, (left, right) = plt.subplots(1, 2, figsize=(12, 3))
for name, build in (("plain network", build_rnn), ("LSTM", build_lstm)):
    model = build(4, 60)
    history = train(model, x_train, y_train)
    left.plot(getattr(history, "history", history)["loss"], label=name)
    guesses = model.predict(x_new, verbose=0).argmax(axis=2)
    right.plot((guesses == y_new).mean(axis=0), label=name)
    print(f"{name:14} right at the last step: {(guesses == y_new)[:, -1].mean():.3f}")
left.set(xlabel="epoch", ylabel="loss")
right.set(xlabel="step", ylabel="share right", ylim=(0, 1.05))
right.legend()
plt.show()

# %% [markdown] id="norms-statement"
# ## 4. How far back the loss can see
#
# A network learns from what its gradient shows. So ask the gradient: if the input at step `t` changed a little, how
# much would the loss at the end change?
#
# `gradient_norms(model, x, y)` returns `length` floats, an array of the shape `(length,)`, one for each step:
#
# 1. The loss is the sparse cross-entropy **at the last step alone**: `-log(p)`, where `p` is the probability that `model` gives
#    to the right symbol `y[:, -1]` at the last step; then the **mean over the n sequences**.
# 2. Take its gradient with respect to `x`. It has the shape of `x`, `(n, length, n_symbols + 1)`.
# 3. The result for step `t` is the Euclidean norm of the gradient at this step, **over sequences and features
#    together**: the square root of the sum of the squares of all `n · (n_symbols + 1)` numbers of `gradient[:, t, :]`.
#
# `model` is one of your two, trained or not, and is left as it is. `x` is float32, but any numbers may stand in it, and
# `y` holds any symbols. `n` may be 1. Call `model(x)`, which switches dropout off, and not `model.predict`, which knows
# no gradients. `tf.GradientTape` records what happens to a tensor that you `watch`. Each number may be off by a
# hundredth of itself, or by a hundred-thousandth of the largest number.


# %% id="gradient-norms"
def gradient_norms(model: keras.Model, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return for each step the norm of the gradient of the loss at the last step, (length,) floats.

    model: from `build_rnn` or `build_lstm`. x: (n, length, n_symbols + 1) float32. y: (n, length) integers.
    """
    ### BEGIN SOLUTION
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        losses = keras.losses.sparse_categorical_crossentropy(y[:, -1], model(x)[:, -1])
        loss = tf.reduce_mean(losses)
    return np.sqrt((tape.gradient(loss, x).numpy() ** 2).sum(axis=(0, 2)))
    ### END SOLUTION


# %% [markdown] id="norms-demo-text"
# Try it with untrained networks. The axis is logarithmic: each line is a factor of ten.
#
# ```text
# norm of the gradient, the largest one is 1
#
#       1 |                                              *   *
#    1e-1 |  o   o   o   o   o   o   o   o   o   *   *   o
#    1e-2 |                              *   *
#    1e-3 |                  k   *   *
#    1e-4 |      k   *   *   p
#    1e-5 |  *   p
#    1e-6 |
#         +----------------------------------------------------
#    step    0   5   10  15  20  25  30  35  40  45  50  55  59
#
#    p  plain network     k  LSTM as Keras makes it     o  LSTM, forget gate opened     *  several
# ```
#
# The plain network is blind for what is long ago: on its way back the gradient shrinks by a constant factor at each step, and
# after fifty steps nothing arrives. It *vanishes*. So it does in a new LSTM, but there the factor is about the forget
# gate `f`. Keras gives the gate a bias of 1, so it begins at 0.73, and 0.73 to the power of 50 is 0.0000001. With a bias
# of 3 the gate is at 0.95, and the gradient arrives. That is the whole difference: `f` is a number that an LSTM can **learn**. In
# the steps after a flag it finds out that an open gate keeps the symbol, and what it keeps for five steps it then keeps for
# fifty. A plain network has no such number.

# %% id="norms-demo" tags=["demo"]
x, y = latch(200, 60, 4, seed=5)
plt.semilogy(gradient_norms(build_rnn(4, 60), x, y), label="plain network")
lstm = build_lstm(4, 60)
for opened in (1, 3, 5):
    bias = next(weight for weight in lstm.weights if weight.path.endswith("bias"))
    gates = np.split(np.array(bias), 4)  # of i, f, g and o
    bias.assign(np.concatenate([gates[0], np.full_like(gates[1], opened), *gates[2:]]))
    plt.semilogy(gradient_norms(lstm, x, y), label=f"LSTM, bias of the forget gate {opened}")
plt.xlabel("step")
plt.ylabel("norm of the gradient")
plt.grid()
plt.legend()
plt.show()

# %% [markdown] id="scoring"
# ## How it is scored
#
# | points | check | you can run it |
# | ---: | --- | --- |
# | 1 | `latch`: the shapes and dtypes of x and y | yes |
# | 1 | `latch`: symbols, flags and targets fit together | yes |
# | 1 | `latch`: equal seeds give equal sequences, other seeds others | yes |
# | 1 | `latch`: all this for sizes and seeds that you have not seen | |
# | 1 | `latch`: symbols and flags are as likely as they should be, and independent | |
# | 1 | both models: input and output | yes |
# | 1 | both models: probabilities at every step | yes |
# | 1 | `build_lstm`: an LSTM, and no other way from one step to another | yes |
# | 1 | `build_rnn`: a plain recurrent layer with as many units, and no other way | yes |
# | 1 | both models: nothing depends on later steps | yes |
# | 1 | `train` moves the weights of its model, and the training error falls | yes |
# | 1 | `gradient_norms` of small models of yours | yes |
# | 2 | `gradient_norms` of your models for other sizes and numbers | |
# | 2 | your **LSTM**, trained: right at the last step of unseen sequences | |
# | 2 | your **training** of an LSTM: right at the last step of unseen sequences | |
#
# **18 points.** For the last two, all points are there from 0.9 on. None are there up to 0.55, what a memory of the last ten
# steps would reach, and the share in between grows evenly. The plain network is expected to fail and is not trained. Each function is judged by itself:
# when `build_lstm` or `train` fails, the other is tried together with the instructor's, and `gradient_norms` is
# tried with the instructor's models where yours cannot be used. A call may take half a minute, or fifteen times what the
# instructor's solution needs, whichever is more.
#
# Classic mistakes: `return_sequences` forgotten; the target of the step before or after; flags that are the same in all
# sequences; the norm for each sequence instead of each step; the loss of all steps instead of the last one.
#
# Next: `bikes_lstm` forecasts real counts with an LSTM, and `attention` shows how a network can look back without remembering.
