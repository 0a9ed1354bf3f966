"""Checks of filters that you can run yourself: the numbers that the statement works out on paper."""

from functools import partial

import numpy as np

from autograder.checks import award_each, points

IMAGE = np.array([[1.0, 2.0, 0.0, 3.0], [0.0, 1.0, 4.0, 1.0], [2.0, 0.0, 1.0, 2.0]])
KERNEL = np.array([[1.0, 2.0], [0.0, -1.0]])
VALID = np.array([[4.0, -2.0, 5.0], [2.0, 8.0, 4.0]])
# The image with the zeros of "same": one row below and one column to the right, or only the row.
PADDED = np.array([[1.0, 2, 0, 3, 0], [0, 1, 4, 1, 0], [2, 0, 1, 2, 0], [0, 0, 0, 0, 0]])
SAME = np.array([[4.0, -2.0, 5.0, 3.0], [2.0, 8.0, 4.0, 1.0], [2.0, 2.0, 5.0, 2.0]])
SAME_BY_TWO = np.array([[4.0, 5.0], [2.0, 5.0]])

# A row that stride 2 pads less than stride 1.
ROW = np.array([[1.0, 2.0, 0.0, 3.0]])
ROW_PADDED = np.array([[1.0, 2.0, 0.0, 3.0, 0.0]])

OTHER_KERNEL = np.array([[0.0, 1.0], [-1.0, 0.0]])
MAPS = np.array([[[4.0, 2.0], [0.0, 0.0], [5.0, 0.0]], [[2.0, 0.0], [8.0, 4.0], [4.0, 0.0]]])


@points(1)
def test_convolve(expect_right):
    """`convolve` adds up image times kernel at each place"""
    expect_right("convolve", lambda image, kernel: VALID, [(IMAGE, KERNEL)])


@points(1)
def test_stride_and_padding(student, expect_right):
    """`convolve` knows a stride and the padding "same\""""

    def part(padded, value, *settings, image=IMAGE, kernel=KERNEL):
        def right(image, kernel, stride, padding):
            return value

        def own(image, kernel, stride, padding):
            """Take the answers of the student's plain convolution at these places."""
            return np.asarray(student.convolve(padded, kernel))[::stride, ::stride]

        hint = "The zeros depend on the stride; an odd one goes to the end." * ("same" in settings)
        return partial(expect_right, "convolve", right, [(image, kernel, *settings)], own, hint)

    award_each(
        part(IMAGE, np.array([[4.0, 5.0]]), 2, "valid"),
        part(PADDED, SAME, 1, "same"),
        part(PADDED, SAME_BY_TWO, 2, "same"),
        part(ROW_PADDED, np.array([[3.0, 3.0]]), 2, "same", image=ROW, kernel=np.ones((1, 3))),
    )


@points(1)
def test_pools(expect_right):
    """`max_pool` and `average_pool` keep the largest number and the mean of each window"""
    largest = {2: np.array([[2.0, 4.0]]), 1: np.array([[2.0, 4.0, 4.0], [2.0, 4.0, 4.0]])}
    means = {2: np.array([[1.0, 2.0]]), 1: np.array([[1.0, 1.75, 2.0], [0.75, 1.5, 2.0]])}
    cases = [(IMAGE, 2, 2), (IMAGE, 2, 1)]

    def part(name, values):
        return partial(expect_right, name, lambda image, size, stride: values[stride], cases)

    award_each(part("max_pool", largest), part("average_pool", means))


@points(1)
def test_edges(expect_edges):
    """`edge_kernel` answers to edges of its direction, and not to those of the other"""
    row = np.repeat([0.0, 1.0], 10)
    expect_edges([(row, "vertical"), (row, "horizontal")])


@points(1)
def test_blur(expect_blurs):
    """`blur_kernel(3)` keeps the mean of an image and lowers its variance"""
    noise = np.random.default_rng(0).uniform(0, 1, size=(50, 60))
    expect_blurs([(noise, 3)])


@points(1)
def test_feature_maps(student, expect_right):
    """`feature_maps` gives a map for each kernel, along the last axis, after relu"""

    def own(image, kernels):
        """Put the answers of the student's own convolution side by side."""
        first, second = (student.convolve(image, kernel) for kernel in kernels)
        return np.maximum(np.dstack([first, second]), 0)

    kernels = np.array([KERNEL, OTHER_KERNEL])
    hint = "The maps lie along the last axis."
    expect_right("feature_maps", lambda image, kernels: MAPS, [(IMAGE, kernels)], own, hint)
