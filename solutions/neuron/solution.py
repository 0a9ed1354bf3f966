# %% [markdown] id="title"
# # What is inside a layer?
#
# `keras.layers.Dense(16, activation="relu")` is one line. Behind it stand a matrix product, a sum and
# a function of one number. You write them yourself, in NumPy, put them together to a network, and
# see Keras compute the same numbers.
#
# What you learn: what a neuron computes, why a layer is one matrix product, what the four usual
# activation functions do, what their slopes are (training needs these), and how a formula that is
# right on paper can still break in a computer.

# %% id="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] id="rules"
# ## What holds for all functions
#
# - Arrays come as `float32` or `float64`. Return an array of the shape that the text names; its type
#   may be `float32` or `float64`.
# - No function changes its arguments. `z[z < 0] = 0` changes `z` of the caller: work on a copy.
# - A returned number may differ from the right one by one part in 10,000 of it, plus 0.00001. So
#   `float32` is exact enough. Your number and the right one are compared in `float64`.
# - Loops are allowed. NumPy does the same with a whole array at once, which is shorter and faster.
# - Write the functions in NumPy, without Keras, TensorFlow or another library of layers; Keras is for the last one,
#   `as_keras`. How you compute in NumPy is free, and `np.tanh` may be used.

# %% [markdown] id="weighted-sum-statement"
# ## 1. The weighted sum
#
# A **neuron** multiplies each of its inputs with a weight, adds the products, and adds a bias:
#
# ```text
#   x[0] ──── · w[0] ────┐
#   x[1] ──── · w[1] ────┼──►  sum  ──►  + b  ──►  z  ──►  activation  ──►  answer
#   x[2] ──── · w[2] ────┘
# ```
#
# A **layer** is `m` neurons side by side that see the same `d` inputs. The weights of neuron `j` are
# column `j` of a matrix `w`. A **batch** is `n` rows of inputs, and each row is computed by itself:
#
# | name | shape | holds |
# | --- | --- | --- |
# | `x` | `(n, d)` | `n` rows, `d` inputs each |
# | `w` | `(d, m)` | `w[i, j]`: how much input `i` counts for neuron `j` |
# | `b` | `(m,)` | one bias for each neuron |
# | result | `(n, m)` | `z[r, j]`: the weighted sum of neuron `j` for row `r` |
#
# `weighted_sum(x, w, b)` returns the sums. On paper, with two rows, three inputs and two neurons:
#
# ```text
#        x                w            b            weighted_sum(x, w, b)
#   [ 1   2   3 ]     [ 1   0 ]    [ 1  -1 ]          [  6   0 ]
#   [ 0  -1   2 ]     [ 2  -1 ]                       [ -1   2 ]
#                     [ 0   1 ]
#
#   first row, first neuron:   1·1 + 2·2 + 3·0 + 1 = 6
#   second row, second neuron: 0·0 + (-1)·(-1) + 2·1 - 1 = 2
# ```


# %% id="weighted-sum"
def weighted_sum(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the weighted sums of a layer, (n, m).

    x: (n, d), a batch of rows. w: (d, m), a column for each neuron. b: (m,), a bias for each neuron.
    """
    ### BEGIN SOLUTION
    return x @ w + b
    ### END SOLUTION


# %% [markdown] id="weighted-sum-demo-text"
# Try it: the numbers of the drawing.

# %% id="weighted-sum-demo" tags=["demo"]
x = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]])
w = np.array([[1.0, 0.0], [2.0, -1.0], [0.0, 1.0]])
b = np.array([1.0, -1.0])
print(weighted_sum(x, w, b))

# %% [markdown] id="activations-statement"
# ## 2. Activation functions
#
# Without something nonlinear between them, several layers compute no more than a single layer could. An
# **activation function** bends it. Three of them look at each number by itself:
#
# | function | formula | values |
# | --- | --- | --- |
# | `relu(z)` | `z` where `z` is positive, otherwise 0 | 0 and above |
# | `sigmoid(z)` | `1 / (1 + exp(-z))` | from 0 to 1: a probability |
# | `tanh(z)` | `(exp(z) - exp(-z)) / (exp(z) + exp(-z))` | from -1 to 1 |
#
# They take `z` of **any shape** with at least one axis, such as `(3,)`, `(4, 2)` or `(2, 3, 4)`, and
# return the same shape. On paper, where ln 3 = 1.0986…, so that exp(ln 3) = 3:
#
# ```text
#   z          -ln 3      0     ln 3
#   relu         0        0    1.0986
#   sigmoid     0.25     0.5    0.75        1 / (1 + 1/3) = 0.75
#   tanh       -0.8       0     0.8         (3 - 1/3) / (3 + 1/3) = 0.8
# ```
#
# The fourth one looks at all numbers of a row together. `softmax(z)` turns them into probabilities,
# one for each class, that sum to 1:
#
# ```text
#   softmax(z)[j] = exp(z[j]) / (exp(z[0]) + exp(z[1]) + …)
#
#   softmax([0, ln 2, ln 5]) = [1, 2, 5] / 8 = [0.125, 0.25, 0.625]
# ```
#
# A "row" is what lies along the **last axis**: for `z` of shape `(n, m)` each of the `n` rows sums to 1,
# for `(a, n, m)` each of the `a · n` rows. The shape stays the same.
#
# ### Large numbers
#
# All four must be right for numbers from **-1000 to 1000, without a warning**; the check takes a
# warning of NumPy for an error. `np.exp(1000)` is more than a number can hold (a `float32` ends at
# exp(88) already): NumPy returns `inf` and warns of an *overflow*, and `inf / inf` is `nan`. Two
# ideas help:
#
# - Only take `exp` of numbers that are not positive. It can become 0, which is no fault. For the
#   sigmoid: `1 / (1 + exp(-z))` is the same as `exp(z) / (1 + exp(z))`, and one of the two has the
#   good sign. `np.where(condition, a, b)` computes both `a` and `b` for all numbers, and so also the
#   one that overflows. What works: `np.exp(-np.abs(z))` never overflows; or fill a result with boolean
#   indexing: `out[z >= 0] = ...`. And `tanh(z) = 2 sigmoid(2z) - 1`.
# - A softmax stays the same if the same number is taken away from all numbers of a row. Which number
#   makes all of them at most 0?
#
# To silence a warning with `np.errstate` counts as "without a warning", if the numbers are right.


# %% id="activations"
def relu(z: np.ndarray) -> np.ndarray:
    """Return z where it is positive and 0 elsewhere, for z of any shape."""
    ### BEGIN SOLUTION
    return np.maximum(z, 0)
    ### END SOLUTION


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-z)), for z of any shape; without a warning from -1000 to 1000."""
    ### BEGIN SOLUTION
    small = np.exp(-np.abs(z))
    return np.where(z < 0, small, 1) / (1 + small)
    ### END SOLUTION


def tanh(z: np.ndarray) -> np.ndarray:
    """Return the hyperbolic tangent, for z of any shape; without a warning from -1000 to 1000."""
    ### BEGIN SOLUTION
    return np.tanh(z)
    ### END SOLUTION


def softmax(z: np.ndarray) -> np.ndarray:
    """Return probabilities that sum to 1 along the last axis, in the shape of z."""
    ### BEGIN SOLUTION
    grown = np.exp(z - z.max(axis=-1, keepdims=True))
    return grown / grown.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% [markdown] id="activations-demo-text"
# Try it: look at the three curves, at their ends, and at one row of probabilities.

# %% id="activations-demo" tags=["demo"]
z = np.linspace(-5, 5, 201)
figure, axes = plt.subplots(1, 3, figsize=(10, 2.5))
for axis, function in zip(axes, (relu, sigmoid, tanh), strict=True):
    axis.plot(z, function(z))
    axis.set_title(function.__name__)
    axis.grid(True)
plt.show()
print(sigmoid(np.array([-1000.0, 0.0, 1000.0])), softmax(np.array([[0, np.log(2), np.log(5)]])))

# %% [markdown] id="slope-statement"
# ## 3. Slopes
#
# Training asks: if a weighted sum grew a little, by how much would the answer grow? That is the
# **slope** of the activation function, its derivative. `slope(name, z)` returns it for each number of
# `z`, in the shape of `z` (any shape); `name` is `"relu"`, `"sigmoid"` or `"tanh"`.
#
# | name | slope at z |
# | --- | --- |
# | `"relu"` | 1 where `z` is positive, 0 where it is negative. At 0 there is a corner; take 0. |
# | `"sigmoid"` | `s · (1 - s)` with `s = sigmoid(z)` |
# | `"tanh"` | `1 - t · t` with `t = tanh(z)` |
#
# `z` is the weighted sum, not yet the activation's value. On paper:
#
# ```text
#   z            -ln 3      0     ln 3
#   "relu"         0        0       1
#   "sigmoid"   0.1875    0.25   0.1875       0.75 · 0.25 = 0.1875
#   "tanh"       0.36       1     0.36        1 - 0.8 · 0.8 = 0.36
# ```
#
# Slopes must be right from -1000 to 1000 too, without a warning.


# %% id="slope"
def slope(name: str, z: np.ndarray) -> np.ndarray:
    """Return the derivative of the activation function `name` at z, in the shape of z.

    name: "relu", "sigmoid" or "tanh". z: weighted sums of any shape. relu's slope at 0 is 0.
    """
    ### BEGIN SOLUTION
    if name == "relu":
        return (z > 0).astype(z.dtype)
    if name == "sigmoid":
        return sigmoid(z) * (1 - sigmoid(z))
    return 1 - tanh(z) ** 2
    ### END SOLUTION


# %% [markdown] id="slope-demo-text"
# Try it. Where are the slopes close to 0? A neuron that is there learns almost nothing.

# %% id="slope-demo" tags=["demo"]
z = np.linspace(-5, 5, 201)
for name in ("relu", "sigmoid", "tanh"):
    plt.plot(z, slope(name, z), label=name)
plt.title("slopes")
plt.legend()
plt.grid(True)
plt.show()

# %% [markdown] id="forward-statement"
# ## 4. A network
#
# A **feed-forward network** is a list of layers. The activations of one layer are the inputs of the
# next:
#
# ```text
#   x ──► weighted sum ──► activation ──► weighted sum ──► activation ──► … ──► answer
#         layers[0]        layers[0]      layers[1]        layers[1]
# ```
#
# `forward(x, layers)` returns the answer of the last layer. `x` has the shape `(n, d)`, and the result
# `(n, m)` where `m` is the number of neurons of the last layer. `layers` is a list of at least one
# dict:
#
# | key | value |
# | --- | --- |
# | `"w"` | weights, `(inputs, neurons)` of this layer |
# | `"b"` | biases, `(neurons,)` |
# | `"activation"` | `"relu"`, `"sigmoid"`, `"tanh"`, `"softmax"`, or `"linear"`: the sum as it is |
#
# Each layer has an activation of its own, and it is applied once. On paper, with the layer of part 1
# and one more neuron:
#
# ```text
#    weighted sum      relu       weights of layer 2      weighted sum    sigmoid
#   [  6   0 ]       [ 6  0 ]     [  ln 3 / 6 ]           [  ln 3 ]      [ 0.75 ]
#   [ -1   2 ]       [ 0  2 ]     [ -ln 3 / 2 ]  b = 0    [ -ln 3 ]      [ 0.25 ]
# ```


# %% id="forward"
def forward(x: np.ndarray, layers: list[dict]) -> np.ndarray:
    """Return what a network answers for a batch, (n, neurons of the last layer).

    x: (n, d). layers: dicts with "w", "b" and "activation", which is "relu", "sigmoid", "tanh",
    "softmax" or "linear".
    """
    ### BEGIN SOLUTION
    functions = {"relu": relu, "sigmoid": sigmoid, "tanh": tanh, "softmax": softmax}
    for layer in layers:
        x = weighted_sum(x, layer["w"], layer["b"])
        if layer["activation"] in functions:
            x = functions[layer["activation"]](x)
    return x
    ### END SOLUTION


# %% [markdown] id="forward-demo-text"
# Try it: the network of the drawing answers 0.75 and 0.25.

# %% id="forward-demo" tags=["demo"]
x = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]])
layers = [
    {
        "w": np.array([[1.0, 0.0], [2.0, -1.0], [0.0, 1.0]]),
        "b": np.array([1.0, -1.0]),
        "activation": "relu",
    },
    {
        "w": np.array([[np.log(3) / 6], [-np.log(3) / 2]]),
        "b": np.array([0.0]),
        "activation": "sigmoid",
    },
]
print(forward(x, layers))

# %% [markdown] id="as-keras-statement"
# ## 5. The same network in Keras
#
# `as_keras(layers, n_inputs)` returns a `keras.Sequential` that computes the same as `forward`: from
# the input `(None, n_inputs)` to `(None, m)`, with a `Dense` layer for each dict, its weights and its
# activation. `layers` is the list that `forward` takes, and stays as it is.
#
# - Begin with `keras.Input((n_inputs,))`. The model is then **built**: its weights are there at once.
# - `Dense` has weights of its own, which are random. `layer.set_weights([w, b])` of a built layer
#   replaces them, in the shapes that you know from part 1.
# - No training and no `compile` are needed.


# %% id="as-keras"
def as_keras(layers: list[dict], n_inputs: int) -> keras.Sequential:
    """Return a built Keras model with these weights, which predicts what `forward` returns.

    layers: as in `forward`. n_inputs: how many inputs the first layer has.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential([keras.Input((n_inputs,))])
    for layer in layers:
        dense = keras.layers.Dense(len(layer["b"]), activation=layer["activation"])
        model.add(dense)
        dense.set_weights([layer["w"], layer["b"]])
    return model
    ### END SOLUTION


# %% [markdown] id="as-keras-demo-text"
# Try it: the two columns should be equal to about six digits (Keras computes in `float32`).

# %% id="as-keras-demo" tags=["demo"]
model = as_keras(layers, 3)
model.summary()
print(np.column_stack([forward(x, layers), model.predict(x, verbose=0)]))

# %% [markdown] id="scoring"
# ## How it is scored
#
# | points | check | you can run it |
# | ---: | --- | --- |
# | 1 | `weighted_sum`: the numbers on paper | yes |
# | 1 | `relu`, `sigmoid` and `tanh`: the numbers on paper | yes |
# | 1 | `softmax`: the numbers on paper | yes |
# | 1 | `slope`: the numbers on paper | yes |
# | 1 | `relu`, `sigmoid`, `tanh`, `softmax` and `slope` at -1000, 0 and 1000, without a warning | yes |
# | 1 | `forward`: the network on paper | yes |
# | 1 | `as_keras`: the network on paper | yes |
# | 2 | `weighted_sum` of other batches and layers | |
# | 2 | `relu`, `sigmoid` and `tanh` of other numbers and shapes | |
# | 2 | `softmax` of other numbers and shapes | |
# | 2 | `slope` of other numbers and shapes | |
# | 1 | `relu`, `sigmoid`, `tanh`, `softmax` and `slope` for other numbers from -1000 to 1000, without a warning | |
# | 2 | `forward` of other networks | |
# | 2 | `as_keras` of a network with other layers | |
#
# **20 points.** "Other" means: a batch of a single row, a layer of a single neuron, one, two or three
# axes, one to four layers with any of the five activations, `float32` and `float64`. A check of several
# functions gives each of them an equal share of its points. If one of
# these functions is wrong and most are right, `slope` and `forward` are right also if they agree with your wrong one.
#
# Classic mistakes: the bias added to each product instead of to their sum; a softmax over the first
# axis, which goes unnoticed while there is one row; the slope of the sigmoid computed from its value
# as if that were `z`; relu's slope taken for all numbers; an activation that is applied twice, or the
# last one forgotten; `z[z < 0] = 0` on the caller's array.
#
# ## Where it goes next
#
# A network learns by going through `forward` backwards: for each weight it multiplies the slopes that lie on
# the way from this weight to the answer. That is back-propagation, the exercise `backprop`. In
# `car_price` Keras does it for you, and you build and train a network of such layers on real data.
