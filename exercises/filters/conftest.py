"""What the checks of filters share: tolerance, shares, and a second chance on a student's own convolve."""

import numpy as np
import pytest

from autograder import expect
from autograder.checks import Oracle, expect_or_own
from autograder.errors import StudentError


def near(image):
    """Return how far a number may lie from the right one, as the statement promises."""
    return expect.Tolerance(rtol=1e-4, atol=1e-5 * float(np.abs(image).max()))


@pytest.fixture
def expect_right(student):
    """Return a function that expects the value of `right` for each case, whose first part is an image.

    With `own`, the value that the student's other functions make of a case is right as well, if the
    student's `convolve` sees every weight: a wrong `convolve` loses its own points and not those of
    what builds on it.
    """

    def expect_all(name, right, cases, own=None, hint=""):
        def own_if_sighted(*case):
            return own(*case) if _sees_all_weights(student) else None

        expected = [(Oracle(name, right, near(case[0])), case) for case in cases]
        try:
            expect_or_own(student, expected, own and own_if_sighted, hint)
        except AssertionError as error:
            if name != "convolve" or not _turns(student):
                raise
            told = f"{error}\nYour answers are those of the kernel turned upside down."
            raise AssertionError(told) from None

    return expect_all


@pytest.fixture
def kernel_of(student):
    """Return a function that calls a student's function and returns its kernel as an array."""

    def kernel(name, argument):
        value = student.call(name, argument)
        told = f"`{name}({argument!r})` should return a kernel of numbers, rows and columns"
        array = value if isinstance(value, list | tuple | np.ndarray) else None
        assert array is not None, f"{told}, not {expect.kind_of(value)}."
        try:
            array = np.asarray(array).astype("float64")
        except (TypeError, ValueError):
            raise AssertionError(f"{told}, all rows of one length.") from None
        assert array.ndim == 2 and array.size, f"{told}; yours has the shape {array.shape}."
        assert np.isfinite(array).all(), f"{told}; yours holds numbers that are not finite."
        return array

    return kernel


@pytest.fixture
def expect_edges(kernel_of):
    """Return a function that expects an edge kernel to tell its own direction from the other.

    `steps` are pairs of a row of grey values with one step in it, and the direction of the kernel. An
    image of a vertical edge repeats the row downwards, so a kernel's answers to it are those of the
    sums of its columns to the row; for a horizontal edge the row runs downwards.
    """

    def expect_steps(steps):
        for row, direction in steps:
            kernel = kernel_of("edge_kernel", direction)
            told = f"`edge_kernel({direction!r})` is\n{expect.shown(kernel)}\n"
            assert max(kernel.shape) <= 7, f"{told}It should have 1 to 7 rows and columns."
            across, along = (0, 1) if direction == "vertical" else (1, 0)
            right = np.abs(np.correlate(row, kernel.sum(axis=across), "valid")).max()
            other = np.abs(np.correlate(row, kernel.sum(axis=along), "valid")).max()
            step = f"from grey {row[0]:.3g} to grey {row[-1]:.3g}"
            wanted = abs(row[-1] - row[0]) / 10
            assert right >= wanted, (
                f"{told}At a {direction} edge {step} its largest answer is {right:.3g}; at least a "
                f"tenth of the step is expected, {wanted:.3g}."
            )
            elsewhere = "horizontal" if direction == "vertical" else "vertical"
            assert other <= right / 100, (
                f"{told}At a {elsewhere} edge {step} its largest answer is {other:.3g}, and at a "
                f"{direction} one {right:.3g}. It should not answer to {elsewhere} edges, nor where "
                "the grey does not change."
            )

    return expect_steps


@pytest.fixture
def expect_blurs(kernel_of):
    """Return a function that expects blur kernels to keep the mean and to lower the variance.

    `cases` are pairs of an image and a size. The image counts as continued at its borders, so that
    no pixel counts less than another.
    """

    def expect_cases(cases):
        for image, size in cases:
            kernel = kernel_of("blur_kernel", size)
            told = f"`blur_kernel({size})` is\n{expect.shown(kernel)}\n"
            assert kernel.shape == (size, size), (
                f"{told}Its shape should be {(size, size)}, and is {kernel.shape}."
            )
            spectrum = np.fft.fft2(image) * np.fft.fft2(kernel, image.shape)
            blurred = np.fft.ifft2(spectrum).real
            assert abs(blurred.mean() - image.mean()) <= abs(image.mean()) / 1000, (
                f"{told}The mean of an image was {image.mean():.4g} before and is "
                f"{blurred.mean():.4g} after. What should the weights sum to?"
            )
            left = blurred.var() / image.var()
            assert left <= 0.75, (
                f"{told}{left:.0%} of the variance of an image of noise remains, at most 75% is "
                "allowed. Spread the weights more evenly."
            )

    return expect_cases


def _sees_all_weights(student):
    """Tell whether the student's `convolve` finds each weight of a kernel in an image of one bright pixel.

    It does so turned or upside down, too, and not where it returns zeros of the right shape.
    """
    image, kernel = np.zeros((7, 8)), np.arange(1.0, 10.0).reshape(3, 3)
    image[3, 4] = 1
    try:
        found = np.ravel(student.convolve(image, kernel)).astype("float64")
    except (StudentError, TypeError, ValueError):
        return False
    return set(np.round(found, 3)) >= set(kernel.ravel())


def _turns(student):
    """Tell whether the student's `convolve` turns a kernel upside down before it multiplies."""
    image, kernel = np.array([[1.0, 2.0], [4.0, 8.0]]), np.array([[1.0, 3.0], [5.0, 7.0]])
    goal = np.array([[(image * kernel[::-1, ::-1]).sum()]])
    try:
        return not expect.difference(student.convolve(image, kernel), goal, near(image))
    except StudentError:
        return False
