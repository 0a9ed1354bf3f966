# %% [markdown] id="title"
# # How likely is each kind of wine?
#
# You write two functions: `build_model` makes a small network that reads thirteen measurements of a
# wine and says how likely each of three kinds of grape is, and `train` teaches it with wines whose
# kind is known.
#
# What you learn: how softmax makes probabilities of any three numbers, what the loss called
# cross-entropy really asks for, and why it is not enough to be right: a network that is sure and wrong is worse
# than a network that says it does not know.

# %% id="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

# %% [markdown] id="data"
# ## The data
#
# `wine.csv` lies beside this notebook: analyses of Italian wines, all from one region. Each row is a
# wine, with thirteen measurements (alcohol, acids, colour and others) and the kind of grape,
# `Cultivar`: 0, 1 or 2.
#
# `x` holds the thirteen columns in the order of the file, shape `(n, 13)`, `float32` and raw;
# `y` holds the kinds, shape `(n,)`, integers. About a third of the wines was held back for grading.

# %% id="load-data"
table = pd.read_csv("wine.csv")
x_train = table.drop(columns="Cultivar").to_numpy("float32")
y_train = table["Cultivar"].to_numpy()
print("x", x_train.shape, "y", y_train.shape, "wines of each kind", np.bincount(y_train))
table.describe().round(1)

# %% [markdown] id="softmax"
# ## From numbers to probabilities
#
# The last layer gives each kind a number, large or small, positive or negative. **Softmax** makes
# probabilities of the numbers of one wine: it takes e to the power of each number and divides by
# their sum. `(2, 1, 0)` becomes `(7.4, 2.7, 1) / 11.1 = (0.67, 0.24, 0.09)`. None is negative, and
# they sum to one.
#
# How good are probabilities? They are judged by what they say of the **true** kind: `−log p`. The
# plot shows it: a network that gives the true kind 0.9 pays 0.1, a network that gives it a half
# pays 0.7, and a network that is nearly sure of another kind pays dearly. The mean of `−log p` over
# all wines is what Keras calls cross-entropy, and your network learns by it.
#
# Your network is scored by the **typical probability** of the true kind: `e` to the power of minus
# this mean. It is again a number from 0 to 1: 1 for a network that is always sure and right, a
# third for a network that knows nothing and gives each of three kinds a third.

# %% id="plot-loss"
p = np.linspace(0.01, 1, 100)
plt.plot(p, -np.log(p))
plt.xlabel("probability p of the true kind")
plt.ylabel("what it costs: -log p")
plt.show()

# %% [markdown] id="build-model-statement"
# ## 1. The model
#
# `build_model(x_train, n_classes)` returns a Keras model, not yet trained. It is called with the
# training wines and `3`:
#
# - **input** `(None, 13)`: the raw measurements. Proline is around 700, hue around 1: the
#   first thing your *model* does is to scale them. That is what `x_train` is for: a
#   `keras.layers.Normalization` layer with `adapt`, or your own mean and standard deviation. A grader
#   also gives both functions wines in other units, milligrams for grams: a model that scales by what
#   `x_train` says does not notice.
# - **output** `(None, 3)`: **probabilities**, one for each kind. None is negative, and those of each
#   wine sum to one (to within 0.01). Not the scores before softmax, not three separate yes-or-no answers
#   (sigmoids), not the most likely kind: a wine between two kinds gets a share of both.
# - in between what you like. The data are few: a hidden layer of a dozen units does, none at all
#   does nearly as well.
#
# Use `Sequential` or the functional API with Keras's built-in layers and `keras.ops`. The grader
# rebuilds your model from the calls it consists of. Should it meet something it cannot read,
# `autograder check` tells you so before you hand in.


# %% id="build-model"
def build_model(x_train: np.ndarray, n_classes: int) -> keras.Model:
    """Return an untrained model for the kind of a wine.

    x_train: (n, 13) float32, the raw measurements of the training wines; only to find their scale.
    n_classes: how many kinds there are. The model takes (batch, 13) raw measurements and returns
    (batch, n_classes) probabilities.
    """
    ### BEGIN SOLUTION
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input(shape=(x_train.shape[1],)),
            scaling,
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )
    ### END SOLUTION


# %% [markdown] id="build-model-demo-text"
# Try it: untrained probabilities say nothing yet, but those of each wine sum to one.

# %% id="build-model-demo" tags=["demo"]
model = build_model(x_train, 3)
model.summary()
probabilities = model.predict(x_train[:4], verbose=0)
print(probabilities.round(2), "sums", probabilities.sum(axis=1))

# %% [markdown] id="train-statement"
# ## 2. The training
#
# `train(model, x_train, y_train)` compiles and fits **the model it is given** and returns the
# `History`:
#
# - It changes `model` in place. What you do to a copy, or to a model that `train` builds itself,
#   is lost. The layers stay as `build_model` made them: `train` moves their weights, and adds
#   and exchanges none.
# - It learns from **its arguments**. A grader also calls it with other kinds for the same wines.
# - The kinds are integers: `sparse_categorical_crossentropy` takes them as they are,
#   `categorical_crossentropy` wants one-hot rows.
# - There are only a hundred wines, so an epoch is a few steps: some dozens of epochs take seconds.
#   Far too many make the network sure of what it happens to have seen.
#
# The `History` is shown to you and your instructor, but nobody believes it: the grader measures
# for itself.


# %% id="train"
def train(model: keras.Model, x_train: np.ndarray, y_train: np.ndarray) -> keras.callbacks.History:
    """Fit `model` in place and return its History.

    model: from `build_model`. x_train: (n, 13) float32 raw measurements. y_train: (n,) integers from
    0 to 2.
    """
    ### BEGIN SOLUTION
    # A model without softmax at its end gives scores; told so, the loss learns from those as well.
    sums = model.predict(x_train[:32], verbose=0).sum(axis=-1)
    scores = not np.allclose(sums, 1, atol=1e-3)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=scores)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
    return model.fit(x_train, y_train, epochs=40, batch_size=16, verbose=0)
    ### END SOLUTION


# %% [markdown] id="train-demo-text"
# Try it. Keep some wines aside, and look at their probabilities: each column of bars is a wine, and
# its colours are the three kinds. Where a column has two colours, the network is in doubt.

# %% id="train-demo" tags=["demo"]
model = build_model(x_train[:80], 3)
history = train(model, x_train[:80], y_train[:80])
aside = model.predict(x_train[80:], verbose=0)
true = aside[np.arange(len(aside)), y_train[80:]]
below = np.zeros(len(aside))
for kind in range(3):
    plt.bar(range(len(aside)), aside[:, kind], bottom=below, label=f"kind {kind}")
    below += aside[:, kind]
plt.xlabel("wine kept aside")
plt.ylabel("probability")
plt.legend()
plt.show()
print("right:", (aside.argmax(axis=1) == y_train[80:]).mean())
mean = -np.log(np.maximum(true, 0.01)).mean()
print("mean of -log p:", mean, "typical probability:", np.exp(-mean))

# %% [markdown] id="scoring"
# ## How it is scored
#
# | points | check | you can run it |
# | ---: | --- | --- |
# | 1 | input `(None, 13)`, output `(None, 3)` | yes |
# | 2 | probabilities: not negative, those of each wine sum to one, alone or among others | yes |
# | 1 | `train` moves the weights of its model, and the training error falls | yes |
# | 1 | `train` also learns other kinds for the same wines | yes |
# | 1 | a wine between two kinds gets a share of each | |
# | 1 | the most likely kind is right for most unseen wines | |
# | 1 | your model reads the same wines in other units | |
# | 2 | your **model** on unseen wines, by the typical probability of the true kind | |
# | 2 | your **training** on unseen wines, by the same | |
#
# **12 points.** A probability of the true kind below 0.01 counts as 0.01, so that a single wine
# cannot spoil everything. On unseen wines, the same probabilities for every wine earn nothing
# (about 0.33), and from there the share of the points grows evenly. Each function is judged by
# itself: when one of them fails, the other is tried together with the instructor's. A call may take
# half a minute, or fifteen times what the instructor's solution needs, whichever is more.
#
# Classic mistakes: no softmax, or a sigmoid, on the last layer; softmax along the wrong axis;
# `argmax` inside the model; raw measurements; one-hot rows for the sparse loss, or integers for the
# other; three epochs; `from_logits=True` with a softmax.
#
# Where it goes next: `digits_cnn` asks for ten probabilities of an image instead of three of a row.
