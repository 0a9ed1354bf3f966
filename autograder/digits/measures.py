"""Five measures of generated images, each for a fault that the other measures miss.

All measures are pure functions of arrays. Features and probabilities come from
`autograder.digits.judge`; docs/figures/judge.md has a table of which measure finds which fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SURE = 0.9  # an image counts as a digit from this probability on
_NEIGHBOURS = 5
_COMPONENTS = 40
_QUANTILE = 0.1
_FEW = 5  # images of a digit; a median of fewer images says nothing
_AT_ONCE = 200  # rows of a table of distances: bounds the memory
_SHIFTS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))


def frechet_distance(real: Array, made: Array) -> float:
    """Return the distance of two sets of features: 0 for equal sets, about 1 for unrelated sets.

    real (n, f), made (m, f), n and m at least 2. The squared Fréchet distance of the two normal
    distributions with their means and covariances, |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)),
    divided by tr(C1), so that the scale of the features does not matter. Heusel et al. 2017, "GANs
    trained by a two time-scale update rule converge to a local Nash equilibrium".
    """
    one, other = real.astype(np.float64), made.astype(np.float64)
    first, second = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    # The trace of (C1 C2)^(1/2) is that of (R C2 R)^(1/2) with R = C1^(1/2), which is symmetric.
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ second @ root), 0)).sum()
    means = np.sum((one.mean(axis=0) - other.mean(axis=0)) ** 2)
    distance = means + np.trace(first) + np.trace(second) - 2 * shared
    return float(max(distance, 0) / np.trace(first))


def digit_shares(probabilities: Array) -> Array:
    """Return each digit's share of the images that the judge is sure of: (10,), sum 1, or zeros.

    probabilities (n, 10): rows sum to 1. An image counts when its largest probability is at least
    SURE: a blend of two digits then does not count as a third digit.
    """
    sure = probabilities[probabilities.max(axis=1) >= SURE]
    counts = np.bincount(sure.argmax(axis=1), minlength=probabilities.shape[1])
    return np.asarray(counts / max(len(sure), 1))


def recall(real: Array, made: Array) -> float:
    """Return the share of real images that have a made image near them, from 0 to 1.

    real (n, f), made (m, f): features, m at least 7. A real image is near a made image when it is
    closer than the made image's fifth neighbour among the made images, copies included. A generator
    that makes the same few images gets a small share. Kynkäänniemi et al. 2019, "Improved precision
    and recall metric for assessing generative models".
    """
    radius = np.concatenate(
        [np.partition(rows, _NEIGHBOURS, axis=1)[:, _NEIGHBOURS] for rows in _distances(made, made)]
    )
    # Equal images have the distance 0 up to rounding; a radius of that size counts as 0.
    radius = np.where(radius > 1e-3 * _scale(real), radius, 0.0)
    near = [(rows < radius).any(axis=1) for rows in _distances(real, made)]
    return float(np.concatenate(near).mean())


def stray_ink(made: Array, training: Array) -> float:
    """Return the mean ink, from 0 to 1, in pixels where real digits have almost no ink.

    made (n, 28, 28, 1), training (m, 28, 28, 1), both from 0 (paper) to 1 (ink). The pixels are
    those with a mean of at most 0.01 over the training images, some 330 of 784 for MNIST.
    """
    paper = training.mean(axis=0) <= 0.01
    return float(made[:, paper].mean())


class Neighbourhood:
    """The distance of images from the training images, in units of the distance of unseen images.

    Distances are Euclidean in the space of the training images' 40 first principal components:
    noise that is independent from pixel to pixel hardly counts there, so that a noisy copy stays
    near. Each training image is compared as it is and moved by a pixel in all eight directions. The
    unit is the median distance of unseen images of the same digit, since images of 1 lie closer
    together than images of 8. Source of the comparison with held-out data: Meehan, Chaudhuri,
    Dasgupta 2020, "A non-parametric test to detect data-copying in generative models".
    """

    def __init__(self, training: Array, unseen: Array, unseen_digits: Array) -> None:
        """Take training (m, 28, 28, 1) and unseen images (k, 28, 28, 1), ink from 0 to 1.

        unseen_digits (k,): which digit each unseen image is.
        """
        flat = _flat(training)
        self._mean = flat.mean(axis=0)
        covariance = np.cov(flat - self._mean, rowvar=False)
        self._axes = np.linalg.eigh(covariance)[1][:, -_COMPONENTS:].astype(np.float32)
        self._known = np.concatenate([self._project(_moved(training, *by)) for by in _SHIFTS])
        distances = self._nearest(unseen)
        usual = float(np.median(distances))
        self._usual = np.full(10, usual)
        for digit in range(10):
            if np.sum(unseen_digits == digit) >= _FEW:
                self._usual[digit] = np.median(distances[unseen_digits == digit])
        self._unit = float(np.quantile(distances / self._usual[unseen_digits], _QUANTILE))

    def nearness(self, made: Array, digits: Array) -> float:
        """Return the distance below which a tenth of the made images lie: 1 for unseen images.

        made (n, 28, 28, 1), ink from 0 to 1; digits (n,): the digit of each image. Copies of
        training images have the distance 0, and so has a mixture of which a tenth are copies.
        """
        relative = self._nearest(made) / self._usual[digits]
        return float(np.quantile(relative, _QUANTILE)) / self._unit

    def _project(self, images: Array) -> Array:
        return np.asarray((_flat(images) - self._mean) @ self._axes)

    def _nearest(self, images: Array) -> Array:
        rows = _distances(self._project(images), self._known)
        return np.concatenate([block.min(axis=1) for block in rows])


def _flat(images: Array) -> Array:
    return images.reshape(len(images), -1).astype(np.float32)


def _moved(images: Array, down: int, right: int) -> Array:
    """Return the images moved by at most one pixel; paper (0) moves in."""
    wide = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = images.shape[1:3]
    return wide[:, 1 - down : 1 - down + height, 1 - right : 1 - right + width]


def _distances(one: Array, other: Array) -> Iterator[Array]:
    """Yield the Euclidean distances of rows (n, f) to rows (m, f), in blocks (some, m)."""
    squares = np.sum(other * other, axis=1)
    for at in range(0, len(one), _AT_ONCE):
        rows = one[at : at + _AT_ONCE]
        squared = np.sum(rows * rows, axis=1)[:, None] + squares - 2 * rows @ other.T
        yield np.sqrt(np.maximum(squared, 0))


def _scale(features: Array) -> float:
    return float(np.sqrt(np.mean(features.astype(np.float64) ** 2) * features.shape[1]))
