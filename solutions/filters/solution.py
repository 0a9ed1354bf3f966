# %% [markdown] id="title"
# # What does a filter see?
#
# A convolutional layer slides a small window of weights, a **kernel**, over an image. At each place it
# multiplies what it sees with its weights and adds up. So it finds the same small pattern wherever
# it is. You write the convolution and the pooling behind it yourself, in NumPy, and make kernels that
# find edges and that blur.
#
# What you learn: what a convolution computes, what stride and padding do to the size of an image, what
# max pooling and average pooling keep, and how a kernel's weights decide what it answers to.

# %% id="imports"
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] id="rules"
# ## What holds for all functions
#
# - An image is an array `(height, width)` of grey values, `float32` or `float64`. Any number may
#   occur, also negative ones. Rows count from the top, columns from the left.
# - Return an array of the shape that the text names; its type may be `float32` or `float64`.
# - No function changes its arguments.
# - A returned number may differ from the right one by one part in 10,000 of it, plus one part in
#   100,000 of the largest number of the image. So `float32` is exact enough. Your number
#   and the right one are compared in `float64`.
# - Nested lists of numbers are accepted in the place of an array.
# - Loops are allowed. Write them in NumPy, without Keras, TensorFlow or another library that convolves: it would
#   do all of it, and you would learn nothing. How you compute in NumPy is free.

# %% [markdown] id="convolve-statement"
# ## 1. The convolution
#
# `convolve(image, kernel, stride=1, padding="valid")` takes an image `(h, w)` and a kernel `(k, l)`,
# `k` rows and `l` columns, and computes what `keras.layers.Conv2D` computes with this one kernel.
#
# **Without padding (`"valid"`)** the window lies within the image. With its upper left corner at row
# `i` and column `j`, its answer is the sum of the products, number by number:
#
# ```text
#   image                kernel         answer at row 0, column 0
#   [ 1  2  0  3 ]       [ 1   2 ]      1·1 + 2·2 + 0·0 + 1·(-1) = 4
#   [ 0  1  4  1 ]       [ 0  -1 ]
#   [ 2  0  1  2 ]                      convolve(image, kernel)
#                                       [ 4  -2   5 ]
#                                       [ 2   8   4 ]
# ```
#
# The kernel is used as it stands. (In mathematics a convolution turns the kernel upside down first;
# Keras does not, because it learns the weights anyway.) There are `h - k + 1` rows and `w - l + 1`
# columns of places. The kernel is never larger than the image here.
#
# **A stride** of `s` moves the window by `s` pixels at a time, down as well as to the right, from the
# upper left corner. Only `1 + (h - k) // s` rows and `1 + (w - l) // s` columns of answers remain:
#
# ```text
#   convolve(image, kernel, stride=2)  =  [ 4  5 ]
# ```
#
# **Padding (`"same"`)** puts zeros around the image, so that there are as many answers as pixels; with stride
# `s`, `ceil(n / s)` along each axis. Keras pads in this way on TensorFlow. For each axis by itself,
# `n` pixels and a kernel of `k` weights there:
#
# ```text
#   answers = ceil(n / s)
#   zeros   = max((answers - 1) · s + k - n, 0)
#   zeros // 2 of them go before the image, the others behind it
# ```
#
# With an odd number of zeros, one more goes to the end: below, and to the right. The zeros depend on
# the stride, so "pad as for stride 1, then take every second answer" may see other places. On paper,
# for the 2 x 2 kernel above one row of zeros goes below and one column to the right at stride 1:
#
# ```text
#   convolve(image, kernel, padding="same")     convolve(image, kernel, stride=2, padding="same")
#   [ 4  -2   5   3 ]                           [ 4   5 ]
#   [ 2   8   4   1 ]                           [ 2   5 ]
#   [ 2   2   5   2 ]
#
#   image [ 1  2  0  3 ], a single row, and kernel [ 1  1  1 ]
#   stride 1: 2 zeros, 0 [ 1  2  0  3 ] 0       padding="same"     [ 3  3  5  3 ]
#   stride 2: 1 zero,    [ 1  2  0  3 ] 0       padding="same"     [ 3  3 ], and not [ 3  5 ]
# ```
#
# In the last line, the windows hold `1 2 0` and `0 3 0`: the only zero goes to the end.


# %% id="convolve"
def convolve(
    image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: str = "valid"
) -> np.ndarray:
    """Return the answers of a kernel at all places of an image, as Keras's Conv2D computes them.

    image: (h, w). kernel: (k, l), of any size up to the image's, also even and not square. stride: a
    whole number from 1, for both axes. padding: "valid" or "same". For "valid" the result has the
    shape (1 + (h - k) // stride, 1 + (w - l) // stride), for "same" h / stride and w / stride,
    rounded up.
    """
    ### BEGIN SOLUTION
    if padding == "same":
        zeros = []
        for pixels, weights in zip(image.shape, kernel.shape, strict=True):
            answers = -(-pixels // stride)
            missing = max((answers - 1) * stride + weights - pixels, 0)
            zeros.append((missing // 2, missing - missing // 2))
        image = np.pad(image, zeros)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.tensordot(windows[::stride, ::stride], kernel, axes=2)
    ### END SOLUTION


# %% [markdown] id="convolve-demo-text"
# Try it: the numbers of the drawing.

# %% id="convolve-demo" tags=["demo"]
image = np.array([[1.0, 2.0, 0.0, 3.0], [0.0, 1.0, 4.0, 1.0], [2.0, 0.0, 1.0, 2.0]])
kernel = np.array([[1.0, 2.0], [0.0, -1.0]])
print(convolve(image, kernel))
print(convolve(image, kernel, stride=2, padding="same"))

# %% [markdown] id="pool-statement"
# ## 2. Pooling
#
# A pooling layer makes an image smaller. It has no weights: of each window of `size` times `size`
# pixels it keeps the largest number (`max_pool`) or the mean (`average_pool`).
#
# `max_pool(image, size, stride)` and `average_pool(image, size, stride)` take whole numbers `size` and
# `stride` from 1. Windows begin every `stride` pixels. They lie side by side where `stride` equals
# `size`, overlap where it is smaller, and leave pixels out where it is larger. There is **no padding**: what does
# not fill a window at the end is dropped. The result has `1 + (h - size) // stride` rows and
# `1 + (w - size) // stride` columns; `size` is never larger than the image. On paper, with the image above:
#
# ```text
#                           max_pool              average_pool
#   size 2, stride 2        [ 2  4 ]              [ 1  2 ]             the last row fills no window
#
#   size 2, stride 1        [ 2  4  4 ]           [ 1     1.75  2 ]
#                           [ 2  4  4 ]           [ 0.75  1.5   2 ]
# ```


# %% id="pool"
def max_pool(image: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Return the largest number of each window, for image (h, w).

    size: rows and columns of a window. stride: pixels from one window to the next. The result has
    the shape (1 + (h - size) // stride, 1 + (w - size) // stride).
    """
    ### BEGIN SOLUTION
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    return windows[::stride, ::stride].max(axis=(2, 3))
    ### END SOLUTION


def average_pool(image: np.ndarray, size: int, stride: int) -> np.ndarray:
    """Return the mean of each window; arguments and shapes are those of `max_pool`."""
    ### BEGIN SOLUTION
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    return windows[::stride, ::stride].mean(axis=(2, 3))
    ### END SOLUTION


# %% [markdown] id="kernels-statement"
# ## 3. Kernels by hand
#
# What a kernel answers to, its weights decide. Now you choose weights.
#
# **`edge_kernel(direction)`** returns a kernel that finds edges. `direction` is `"vertical"` or
# `"horizontal"`, and says how the edge itself runs:
#
# ```text
#   a vertical edge          a horizontal edge
#   . . . # # #              . . . . . .
#   . . . # # #              . . . . . .
#   . . . # # #              # # # # # #
#   . . . # # #              # # # # # #
# ```
#
# - The kernel for `"vertical"` answers to vertical edges and not to horizontal ones; the one for
#   `"horizontal"` the other way round. Where the grey does not change at all, neither answers.
# - Two-dimensional, 1 to 7 rows and 1 to 7 columns, which need not be equal.
# - Whether the answer is positive or negative does not matter.
# - It is judged by what it does to images of one edge, which the grader draws and convolves without padding: at the
#   right edge its largest answer (sign left aside) is at least a tenth of the step from dark to bright; at
#   the other edge it is at most a hundredth of its largest answer at the right edge.
#
# **`blur_kernel(size)`** returns a kernel `(size, size)`, for a `size` from 2 to 7, that makes an image
# smoother. A blur keeps the mean and lowers the variance:
#
# - An image that is grey `g` everywhere stays grey `g`, to one part in 1,000.
# - Of an image of noise (each pixel drawn by itself), at most three quarters of the variance remain.
#
# Any kernel that does this is right. Which one comes to your mind first?


# %% id="kernels"
def edge_kernel(direction: str) -> np.ndarray:
    """Return a kernel that answers to edges of one direction, "vertical" or "horizontal"."""
    ### BEGIN SOLUTION
    vertical = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    return vertical if direction == "vertical" else vertical.T
    ### END SOLUTION


def blur_kernel(size: int) -> np.ndarray:
    """Return a kernel (size, size) that keeps the mean of an image and lowers its variance."""
    ### BEGIN SOLUTION
    return np.full((size, size), 1 / size**2)
    ### END SOLUTION


# %% [markdown] id="kernels-demo-text"
# Try it: a bright rectangle with some noise, its vertical edges, its horizontal edges, and blurred.

# %% id="kernels-demo" tags=["demo"]
scene = np.random.default_rng(0).normal(0, 0.1, (40, 50))
scene[10:30, 15:40] += 1
views = {
    "image": scene,
    "vertical": convolve(scene, np.asarray(edge_kernel("vertical"))),
    "horizontal": convolve(scene, np.asarray(edge_kernel("horizontal"))),
    "blurred": convolve(scene, np.asarray(blur_kernel(5))),
}
figure, axes = plt.subplots(1, 4, figsize=(12, 3))
for axis, (title, view) in zip(axes, views.items(), strict=True):
    axis.imshow(view, cmap="gray")
    axis.set_title(title)
    axis.axis("off")
plt.show()

# %% [markdown] id="feature-maps-statement"
# ## 4. A layer of filters
#
# A convolutional layer has many kernels. Each gives an image of its own, a **feature map**: it is
# bright where the kernel found its pattern. Behind them comes relu, which turns negative answers to 0.
#
# `feature_maps(image, kernels)` takes an image `(h, w)` and `n` kernels of one size, `(n, k, l)`. It
# convolves the image with each kernel, with stride 1 and without padding, applies relu, and returns
# the maps as `(h - k + 1, w - l + 1, n)`: the maps lie along the **last** axis, as in Keras. On paper, with
# the image and the kernel above and one more kernel:
#
# ```text
#   kernels[0]     maps[:, :, 0]       kernels[1]     answers            maps[:, :, 1]
#   [ 1   2 ]      [ 4  0  5 ]         [  0  1 ]      [  2  -1  -1 ]     [ 2  0  0 ]
#   [ 0  -1 ]      [ 2  8  4 ]         [ -1  0 ]      [ -1   4   0 ]     [ 0  4  0 ]
# ```


# %% id="feature-maps"
def feature_maps(image: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """Return the feature maps of an image after relu, (h - k + 1, w - l + 1, n).

    image: (h, w). kernels: (n, k, l), n kernels of k rows and l columns.
    """
    ### BEGIN SOLUTION
    maps = [convolve(image, kernel) for kernel in kernels]
    return np.maximum(np.stack(maps, axis=-1), 0)
    ### END SOLUTION


# %% [markdown] id="feature-maps-demo-text"
# Try it: maps of the rectangle, made smaller by pooling. This is what the next layer would see.

# %% id="feature-maps-demo" tags=["demo"]
kernels = np.stack([[[-1, 1], [-1, 1]], [[1, -1], [1, -1]], [[-1, -1], [1, 1]], [[1, 1], [-1, -1]]])
maps = feature_maps(scene, kernels.astype("float64"))
figure, axes = plt.subplots(1, 4, figsize=(12, 3))
for number, axis in enumerate(axes):
    axis.imshow(max_pool(maps[:, :, number], 3, 3), cmap="gray")
    axis.set_title(f"map {number}, pooled")
    axis.axis("off")
plt.show()

# %% [markdown] id="scoring"
# ## How it is scored
#
# | points | check | you can run it |
# | ---: | --- | --- |
# | 1 | `convolve` without padding: the numbers on paper | yes |
# | 1 | `convolve` with stride and padding: the numbers on paper | yes |
# | 1 | `max_pool` and `average_pool`: the numbers on paper | yes |
# | 1 | `edge_kernel` tells an edge of one direction from the other | yes |
# | 1 | `blur_kernel(3)` keeps the mean and lowers the variance | yes |
# | 1 | `feature_maps`: the numbers on paper | yes |
# | 2 | `convolve` of other images and kernels | |
# | 2 | `convolve` with other strides | |
# | 2 | `convolve` with `"same"` padding, other strides and kernels | |
# | 2 | `max_pool` and `average_pool` of other images, sizes and strides | |
# | 2 | `edge_kernel` for edges at other places, of other greys | |
# | 2 | `blur_kernel` of other sizes and images | |
# | 2 | `feature_maps` of other images and kernels | |
#
# **20 points.** "Other" means: images and kernels that are not square, a single row or column, even and
# odd kernels, strides larger than the kernel, very large and only negative numbers, `float32` and
# `float64`. A check of several functions or cases gives each an equal share of its points. If
# `convolve` is wrong without padding already (a kernel upside down), it loses the points of that; strides, padding
# and `feature_maps` are right also if they agree with your wrong one, as long as it sees every weight of the kernel.
#
# Classic mistakes: a kernel turned upside down; rows and columns exchanged; a stride for one axis only;
# zeros before the image where they belong behind it; a maximum that starts at 0, so that negative numbers
# never win; a mean that counts pixels which are not there.
#
# ## Where it goes next
#
# In `digits_cnn` you stack `Conv2D` and `MaxPooling2D`, and the training chooses the weights of the
# kernels. Among those of a trained network there are often edge kernels like yours.
