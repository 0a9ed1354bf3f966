# %% [markdown] id="title"
# # Reading handwritten digits
#
# You write two functions: `build_model` makes a convolutional network that looks at a small grey
# image and says how likely each of the ten digits is, and `train` teaches it with images whose
# digit is known.
#
# What you learn: why a convolution fits images better than a dense layer (it looks for the same
# small pattern everywhere), why the image shrinks on its way through the network (so that later
# windows see more of it), and how ten numbers become probabilities.

# %% id="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] id="data"
# ## The data
#
# `digits.npz` lies beside this notebook: 4,000 scans of handwritten digits (from MNIST).
#
# | array | shape | values |
# | --- | --- | --- |
# | `images` | `(n, 28, 28, 1)` | `uint8`, 0 (paper) to 255 (ink), as they come |
# | `labels` | `(n,)` | the digits 0 to 9, as integers |
#
# Other images of the same kind were held back for grading. The rows are shuffled, so a
# `validation_split` is fair.

# %% id="load-data"
with np.load("digits.npz") as archive:
    images, labels = archive["images"], archive["labels"]
print("images", images.shape, images.dtype, "labels", labels.shape)
figure, axes = plt.subplots(1, 8, figsize=(10, 2))
for axis, image, label in zip(axes, images[:8], labels[:8], strict=True):
    axis.imshow(image[:, :, 0], cmap="gray_r")
    axis.set_title(label)
    axis.axis("off")
plt.show()

# %% [markdown] id="build-model-statement"
# ## 1. The model
#
# `build_model(input_shape, n_classes)` returns a Keras model, not yet trained. It is called with
# `(28, 28, 1)` and `10`:
#
# - **input** `(None, 28, 28, 1)`: the images as they come, 0 to 255. Networks learn faster from
#   numbers around 1: a `keras.layers.Rescaling` inside the model takes care of that.
# - **output** `(None, 10)`: **probabilities**. None is negative, and each row sums to one. That is
#   what softmax is for.
# - in between **2D convolutions** (`Conv2D`, or its separable or depthwise relatives) with a window
#   larger than 1 x 1, and **pooling or strides** that leave at most half of the image's pixels.
#   They must lie on the way from the image to the output: a layer whose result is not used further
#   is not in the model at all.
# - a **nonlinear activation** such as relu between the layers with weights.
# - **at most 300,000 parameters**. The first dense layer behind `Flatten` is where they pile up:
#   the smaller the image has become by then, the fewer.
#
# Use `Sequential` or the functional API with Keras's built-in layers and `keras.ops`. The grader
# rebuilds your model from the calls it consists of. Should it meet something it cannot read,
# `autograder check` tells you so before you hand in.


# %% id="build-model"
def build_model(input_shape: tuple[int, int, int], n_classes: int) -> keras.Model:
    """Return an untrained convolutional network.

    input_shape: height, width, channels of one image. n_classes: how many digits there are.
    The model takes (batch, *input_shape) values from 0 to 255 and returns (batch, n_classes)
    probabilities.
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input(shape=input_shape),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(n_classes, activation="softmax"),
        ]
    )
    ### END SOLUTION


# %% [markdown] id="build-model-demo-text"
# Try it: the image should shrink from layer to layer, and each row of predictions sum to one.

# %% id="build-model-demo" tags=["demo"]
model = build_model((28, 28, 1), 10)
model.summary()
print("sums", model.predict(images[:5], verbose=0).sum(axis=1))

# %% [markdown] id="train-statement"
# ## 2. The training
#
# `train(model, images, labels)` compiles and fits **the model it is given** and returns the
# `History`:
#
# - It changes `model` in place. What you do to a copy, or to a model that `train` builds itself,
#   is lost. The layers stay as `build_model` made them: `train` moves their weights, and adds
#   and exchanges none.
# - It learns from **its arguments**. A grader also calls it with fewer images and other labels.
# - The labels are integers: `sparse_categorical_crossentropy` takes them as they are,
#   `categorical_crossentropy` wants one-hot rows.
# - Five to ten epochs with batches of 64 take seconds.
#
# The `History` is shown to you and your instructor, but nobody believes it: the grader measures
# the accuracy itself.


# %% id="train"
def train(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> keras.callbacks.History:
    """Fit `model` in place and return its History.

    model: from `build_model`. images: (n, 28, 28, 1) uint8. labels: (n,) integers from 0 to 9.
    """
    ### BEGIN SOLUTION
    # A model without softmax at its end gives scores; told so, the loss learns from those as well.
    sums = model.predict(images[:32], verbose=0).sum(axis=-1)
    scores = not np.allclose(sums, 1, atol=1e-3)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=scores)
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss=loss, metrics=["accuracy"])
    return model.fit(images, labels, epochs=6, batch_size=64, verbose=0)
    ### END SOLUTION


# %% [markdown] id="train-demo-text"
# Try it, and keep some images aside to see how well it does on those.

# %% id="train-demo" tags=["demo"]
model = build_model((28, 28, 1), 10)
history = train(model, images[:3000], labels[:3000])
losses = getattr(history, "history", history)["loss"]
plt.plot(losses)
plt.xlabel("epoch")
plt.ylabel("loss")
plt.show()
guesses = model.predict(images[3000:], verbose=0).argmax(axis=1)
print("right on images kept aside:", (guesses == labels[3000:]).mean())

# %% [markdown] id="scoring"
# ## How it is scored
#
# | points | check | you can run it |
# | ---: | --- | --- |
# | 1 | input `(None, 28, 28, 1)`, output `(None, 10)` | yes |
# | 1 | probabilities: not negative, each row sums to one | yes |
# | 1 | 2D convolutions, and pooling or strides that shrink the image | yes |
# | 1 | a nonlinear activation between the layers with weights | yes |
# | 1 | at most 300,000 parameters | yes |
# | 1 | `train` moves the weights of its model, and the training error falls | yes |
# | 1 | `train` also learns other labels for the same images | yes |
# | 1 | training reaches the convolutions | |
# | 2 | your **model** on unseen images | |
# | 2 | your **training** on unseen images | |
#
# **12 points.** On unseen images, all points are for 89 of 100 right, none for always saying the
# most frequent digit, and the share in between grows evenly. Each function is judged by itself:
# when one of them fails, the other is tried together with the instructor's. A call may take half a
# minute, or fifteen times what the instructor's solution needs, whichever is more.
#
# Classic mistakes: no softmax, or a sigmoid, on the last layer; `from_logits=True` with a softmax;
# `x = Flatten()(inputs)` where `x = Flatten()(x)` was meant, so that the convolutions are left out;
# no activation; a dense layer right behind a large `Flatten`; a single epoch.
