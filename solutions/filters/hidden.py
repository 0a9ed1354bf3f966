"""Checks of filters that only a grader has: other images, kernels, sizes and strides."""

from functools import partial

import numpy as np

from autograder.checks import award_each, points

TYPES = ("float64", "float32")


def padded(image, kernel, stride, padding):
    """Return an image with the zeros around it that TensorFlow puts there."""
    if padding == "valid":
        return image
    sides = []
    for length, weights in zip(image.shape, kernel.shape, strict=True):
        total = max((-(-length // stride) - 1) * stride + weights - length, 0)
        sides.append((total // 2, total - total // 2))
    return np.pad(image, sides)


def convolved(image, kernel, stride=1, padding="valid"):
    """Add up the image as each weight of the kernel sees it."""
    image = padded(image.astype("float64"), kernel, stride, padding)
    rows, columns = (a - b + 1 for a, b in zip(image.shape, kernel.shape, strict=True))
    answers = np.zeros((rows, columns))
    for (row, column), weight in np.ndenumerate(kernel.astype("float64")):
        answers += weight * image[row : row + rows, column : column + columns]
    return answers[::stride, ::stride]


def pooled(reduce, image, size, stride):
    """Reduce one window after another."""
    tops, lefts = (range(0, length - size + 1, stride) for length in image.shape)
    image = image.astype("float64")
    return np.array([[reduce(image[i : i + size, j : j + size]) for j in lefts] for i in tops])


def largest(image, size, stride):
    return pooled(np.max, image, size, stride)


def mean(image, size, stride):
    return pooled(np.mean, image, size, stride)


def maps(image, kernels):
    return np.stack(
        [np.where(a > 0, a, 0) for a in (convolved(image, k) for k in kernels)], axis=-1
    )


def pictures(rng, sizes):
    """Yield an image for each size: numbers about 0, large ones, negative ones, in both types."""
    for number, size in enumerate(sizes):
        image = rng.normal(size=size)
        if number % 3 == 1:
            image *= 1e6
        if number % 3 == 2:
            image = -np.abs(image) - 0.1
        yield image.astype(TYPES[number % 2])


def like(rng, image, *size):
    """Draw weights of the type of an image."""
    return rng.normal(size=size).astype(image.dtype)


def convolutions(rng):
    """Yield images and kernels without padding, stride 1."""
    sizes = [(1, 6), (5, 1), (4, 7), (6, 5), (9, 4)]
    kernels = [(1, 3), (2, 1), (3, 2), (6, 5), (1, 1)]
    for image, size in zip(pictures(rng, sizes), kernels, strict=True):
        yield image, like(rng, image, *size)


def strided(rng):
    """Yield convolutions with strides, also such as are larger than the kernel."""
    sizes = [(7, 4), (6, 11), (5, 9), (12, 7)]
    kernels = [(2, 3), (3, 2), (1, 2), (2, 4)]
    strides = [2, 3, 4, 2]
    for image, size, stride in zip(pictures(rng, sizes), kernels, strides, strict=True):
        yield image, like(rng, image, *size), stride, "valid"


def same(rng):
    """Yield convolutions with zeros around the image; in some, no zeros are needed."""
    sizes = [(5, 4), (4, 6), (7, 10), (6, 9), (8, 11), (1, 5), (9, 8)]
    kernels = [(3, 2), (2, 4), (3, 5), (4, 3), (2, 1), (1, 4), (5, 4)]
    strides = [1, 1, 2, 2, 3, 2, 3]
    for image, size, stride in zip(pictures(rng, sizes), kernels, strides, strict=True):
        yield image, like(rng, image, *size), stride, "same"


def poolings(rng):
    """Yield windows that fill the image and that do not, overlap, and leave pixels out."""
    sizes = [(4, 6), (5, 7), (7, 5), (9, 8), (3, 10), (4, 3)]
    windows = [(2, 2), (2, 2), (3, 1), (2, 3), (3, 2), (1, 2)]
    for image, window in zip(pictures(rng, sizes), windows, strict=True):
        yield image, *window


def layers(rng):
    """Yield images and kernels of a layer."""
    counts = [(3, 2, 4), (1, 3, 2), (5, 2, 2), (4, 1, 3)]
    for image, size in zip(pictures(rng, [(6, 7), (5, 8), (4, 9), (1, 6)]), counts, strict=True):
        yield image, like(rng, image, *size)


@points(2)
def test_any_convolution(expect_right, rng):
    """`convolve` works for any image and any kernel"""
    expect_right("convolve", convolved, convolutions(rng))


@points(2)
def test_any_stride(student, expect_right, rng):
    """`convolve` works for any stride"""
    expect_right("convolve", convolved, strided(rng), _own(student))


@points(2)
def test_any_padding(student, expect_right, rng):
    """`convolve` pads as TensorFlow does, for any kernel and any stride"""
    hint = "The zeros depend on the stride; an odd one goes to the end."
    expect_right("convolve", convolved, same(rng), _own(student), hint)


@points(2)
def test_any_pool(expect_right, rng):
    """`max_pool` and `average_pool` work for any image, any size and any stride"""
    cases = list(poolings(rng))
    award_each(
        partial(expect_right, "max_pool", largest, cases),
        partial(expect_right, "average_pool", mean, cases),
    )


@points(2)
def test_any_edge(expect_edges, rng):
    """`edge_kernel` tells edges of any place and any greys"""
    steps = []
    for scale in (0.1, 1.0, 255.0):
        dark = rng.uniform(0, 1) * scale
        bright = dark + rng.uniform(0.3, 1) * scale
        greys = [dark, bright] if rng.integers(2) else [bright, dark]
        row = np.repeat(greys, rng.integers(8, 15, size=2))
        steps += [(row, direction) for direction in ("vertical", "horizontal")]
    expect_edges(steps)


@points(2)
def test_any_blur(expect_blurs, rng):
    """`blur_kernel` works for any size"""
    cases = []
    for size in (2, 3, 4, 5, 7):
        low = rng.uniform(-1, 1)
        cases.append((rng.uniform(low, low + 3, size=(60, 70)), size))
    expect_blurs(cases)


@points(2)
def test_any_layer(student, expect_right, rng):
    """`feature_maps` works for any image and any kernels"""
    hint = "The maps lie along the last axis."

    def own(image, kernels):
        answers = [student.convolve(image, kernel) for kernel in kernels]
        return np.maximum(np.stack(answers, axis=-1), 0)

    expect_right("feature_maps", maps, layers(rng), own, hint)


def _own(student):
    """Return what the student's plain convolution makes of the padded image, at the stride's places."""

    def value(image, kernel, stride, padding):
        answers = student.convolve(padded(image, kernel, stride, padding), kernel)
        return np.asarray(answers)[::stride, ::stride]

    return value
