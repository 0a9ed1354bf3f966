# %% [markdown] id="title"
# # What is a used car worth?
#
# You write two functions: `build_model` makes a Keras network that turns seven facts about a used
# Toyota Corolla into its price, and `train` teaches it with cars whose price is known. Linear
# regression does this quite well already. Your network should do as well or better, on cars that
# neither you nor the network have ever seen.
#
# What you learn: scaling *inside* a model, why a network needs a nonlinearity, which loss fits the
# question, and that only unseen data tell how good a model is.

# %% id="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

# %% [markdown] id="data"
# ## The data
#
# `cars.csv` lies beside this notebook. Each row is one car that was for sale.
#
# | column | meaning | unit |
# | --- | --- | --- |
# | Age | age | months |
# | KM | distance driven | km |
# | Weight | weight | kg |
# | HP | engine power | horse power |
# | MetColor | metallic paint | 1 yes, 0 no |
# | CC | engine size | cubic centimetres |
# | Doors | doors | number |
# | **Price** | **what you predict** | **euros** |
#
# `x` holds the first seven columns in this order, shape `(n, 7)`, `y` the prices, shape `(n,)`,
# both `float32` and raw: nothing is scaled yet. About a third of the cars was held back for
# grading, so there is no need to put a test set aside; a part of these rows for validation is
# often a good idea.

# %% id="load-data"
table = pd.read_csv("cars.csv").astype("float32")
x_train = table.drop(columns="Price").to_numpy()
y_train = table["Price"].to_numpy()
print("x", x_train.shape, "y", y_train.shape)
table.describe().round(1)

# %% [markdown] id="build-model-statement"
# ## 1. The model
#
# `build_model(x_train)` returns a Keras model, not yet trained:
#
# - **input** `(None, 7)`: the raw features. Kilometres are in the ten thousands, doors are 2 to 5:
#   a network learns badly from such a mixture, so the first thing your *model* does is to scale
#   them. That is what `x_train` is for: a `keras.layers.Normalization` layer with `adapt`, or your
#   own mean and standard deviation in `(x - mean) / std` of a functional model.
# - **output** `(None, 1)`: the price in euros. Prices are around 10,000. A plain last layer starts
#   near 0 and has a long way to climb; a `keras.layers.Rescaling` behind it shortens the way.
# - in between **at least one hidden layer with a nonlinear activation**. Layers without one
#   collapse into a single straight line, however many there are.
# - **more than 8 and at most 100,000 parameters** (8 are a straight line). A few thousand do.
#
# Use `Sequential` or the functional API with Keras's built-in layers and `keras.ops`. The grader
# rebuilds your model from the calls it consists of. Should it meet something it cannot read,
# `autograder check` tells you so before you hand in.


# %% id="build-model"
def build_model(x_train: np.ndarray) -> keras.Model:
    """Return an untrained model for the price of a car.

    x_train: (n, 7) float32, the raw features of the training cars; only to find their scale.
    The model takes (batch, 7) raw features and returns (batch, 1) prices in euros.
    """
    ### BEGIN SOLUTION
    scaling = keras.layers.Normalization()
    scaling.adapt(x_train)
    return keras.Sequential(
        [
            keras.Input(shape=(x_train.shape[1],)),
            scaling,
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            # A price is never negative, and around 10,000 euros: what is left to learn is near 1.
            keras.layers.Dense(1, activation="softplus"),
            keras.layers.Rescaling(10_000.0),
        ]
    )
    ### END SOLUTION


# %% [markdown] id="build-model-demo-text"
# Try it: untrained prices should be finite numbers, one per car.

# %% id="build-model-demo" tags=["demo"]
model = build_model(x_train)
model.summary()
print(model.predict(x_train[:3], verbose=0))

# %% [markdown] id="train-statement"
# ## 2. The training
#
# `train(model, x_train, y_train)` compiles and fits **the model it is given** and returns the
# `History`:
#
# - It changes `model` in place. What you do to a copy, or to a model that `train` builds itself,
#   is lost. The layers stay as `build_model` made them: `train` moves their weights, and adds
#   and exchanges none.
# - It learns from **its arguments**. A grader also calls it with other prices for the same cars.
# - The prices are judged by their mean absolute error in euros, so that is a natural loss. Squared
#   error listens mostly to the few dear cars.
# - A few dozen epochs with batches of 32 take seconds. A learning rate that falls towards the end
#   lets the network settle.
#
# The `History` is shown to you and your instructor, but nobody believes it: the grader measures
# the error itself.


# %% id="train"
def train(model: keras.Model, x_train: np.ndarray, y_train: np.ndarray) -> keras.callbacks.History:
    """Fit `model` in place and return its History.

    model: from `build_model`. x_train: (n, 7) float32 raw features. y_train: (n,) float32 euros.
    """
    ### BEGIN SOLUTION
    epochs, batch_size = 40, 32
    steps = epochs * -(-len(x_train) // batch_size)
    rate = keras.optimizers.schedules.CosineDecay(0.01, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mean_absolute_error")
    return model.fit(x_train, y_train, epochs=epochs, batch_size=batch_size, verbose=0)
    ### END SOLUTION


# %% [markdown] id="train-demo-text"
# Try it. How far off are your prices, and how far off is someone who always says the same price?

# %% id="train-demo" tags=["demo"]
model = build_model(x_train)
history = train(model, x_train, y_train)
losses = getattr(history, "history", history)["loss"]
plt.plot(losses)
plt.xlabel("epoch")
plt.ylabel("loss")
plt.show()
error = np.abs(model.predict(x_train, verbose=0)[:, 0] - y_train).mean()
guess = np.abs(np.median(y_train) - y_train).mean()
print(f"mean error on the training cars {error:.0f} euros, with one price for all {guess:.0f}")

# %% [markdown] id="scoring"
# ## How it is scored
#
# | points | check | you can run it |
# | ---: | --- | --- |
# | 1 | input `(None, 7)`, output `(None, 1)` | yes |
# | 1 | a nonlinear hidden layer between input and price | yes |
# | 1 | more than 8 parameters to train, at most 100,000 in all, constants included | yes |
# | 2 | `train` moves the weights of its model, and the training error falls | yes |
# | 2 | `train` also learns other prices for the same cars | yes |
# | 1 | the trained model really uses its nonlinearity | |
# | 2 | your **model** on unseen cars | |
# | 2 | your **training** on unseen cars | |
#
# **12 points.** On unseen cars, all points are for a mean absolute error of at most 1.1 times that
# of linear regression on the same cars, none for one price for all, and the share in between grows
# evenly. Each function is judged by itself: when one of them fails, the other is tried together
# with the instructor's. A call may take half a minute, or fifteen times what the instructor's
# solution needs, whichever is more.
#
# Classic mistakes: scaling outside the model, so that raw features no longer fit it; learning the
# logarithm or a z-score of the price and never going back to euros; no activation; a sigmoid or
# relu on the last layer that cannot reach the price; stopping after a handful of epochs; in a loss
# of your own, prices of shape `(n,)` against predictions of shape `(n, 1)`.
