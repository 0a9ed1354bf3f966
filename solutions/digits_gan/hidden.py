"""Checks of digits_gan that only a grader has: what the trained generator's images are worth."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from autograder.checks import award, points, retried, shared
from autograder.digits.inspector import MEASURES, Inspector
from autograder.digits.judge import load_judge

INK = np.float32(255)


@dataclass(frozen=True)
class Gallery:
    """What the images of one fully trained generator measure."""

    measured: dict[str, Any]
    shares: Any

    @property
    def weakest(self):
        """The first measure that is not good enough, or else the first."""
        missed = [name for name in MEASURES if not self.measured[name].met]
        return self.measured[(missed or MEASURES)[0]]

    def marked(self, counted):
        """Return this with one measure replaced by what remembers how many tries there were."""
        return replace(self, measured={**self.measured, counted.threshold.name: counted})


@shared
def training(digits):
    """The training images, ink from 0 to 1."""
    return digits.x_train / INK


@shared
def inspect(digits, training):
    """A function that takes all five measures of images."""
    return Inspector(load_judge(), training, digits.x_test / INK, digits.y_test).inspect


@shared
def trivial(digits, training, inspect, thresholds, noise):
    """The five measures of ten images, the mean of each digit; other fakes are noted as well."""
    means = np.stack([training[digits.y_train == digit].mean(axis=0) for digit in range(10)])
    grain = np.random.default_rng(0).normal(0, 0.1, (len(noise), 28, 28, 1)).astype("float32")
    copies = np.clip(training[: len(noise)] + grain, 0, 1)
    eight = digits.x_test[~np.isin(digits.y_test, (4, 8))] / INK
    fakes = {
        "the mean of each digit": means[np.arange(len(noise)) % 10],
        "training images with noise": copies,
        "eight of ten digits": eight,
    }
    values = {what: inspect(images).values for what, images in fakes.items()}
    for what, names in (
        ("the mean of each digit", ("fidelity", "diversity")),
        ("training images with noise", ("originality", "stray_ink")),
        ("eight of ten digits", ("coverage",)),
    ):
        for name in names:
            thresholds.baseline(name, what, values[what][name])
    return values["the mean of each digit"]


@pytest.fixture(scope="session")
def gallery(listens, student, digits, train_new_networks, draw, inspect, thresholds):
    """The images of your generator, trained by your `train` on all training images."""

    def once():
        seen = inspect(draw(train_new_networks(digits.x_train).generator))
        measured = {name: thresholds.measure(name, value) for name, value in seen.values.items()}
        return Gallery(measured, seen.shares)

    return retried(
        [student], once, lambda one: one.weakest, lambda one, counted: one.marked(counted)
    )


@points(3)
def test_fidelity(gallery, trivial, record):
    """The trained generator's images look like handwritten digits"""
    fidelity = gallery.measured["fidelity"]
    record(fidelity)
    award(
        fidelity.share(zero=trivial["fidelity"]),
        f"The Fréchet distance between your images and real ones is {fidelity.value:.2f} (real "
        f"ones have 0, the ten digits' mean images {trivial['fidelity']:.2f}); at most "
        f"{fidelity.limit:.2f} earns all points. Train longer, or look whether one of the two "
        "losses runs away from the other.",
    )


@points(2)
def test_coverage(gallery, record):
    """All ten digits appear among the images"""
    coverage = gallery.measured["coverage"]
    record(coverage)
    rare = [str(d) for d, share in enumerate(gallery.shares) if not share >= coverage.limit]
    assert coverage.met, (
        f"Among your images these digits hardly appear: {', '.join(rare)}. The generator has found "
        "that it can do without them (mode collapse)."
    )


@points(1)
def test_diversity(gallery, record):
    """The same digit is drawn in many ways"""
    diversity = gallery.measured["diversity"]
    record(diversity)
    assert diversity.met, (
        f"Your images come near to {100 * diversity.value:.0f} in 100 real ones; at least "
        f"{100 * diversity.limit:.0f} are expected. The generator draws the same few images over "
        "and over again."
    )


@points(3)
def test_memorisation(gallery, record):
    """The images are new, not copies of training images"""
    originality = gallery.measured["originality"]
    record(originality)
    assert originality.met, (
        "Many of your images lie nearer to a training image than digits that were never seen do: "
        "they are copies, perhaps with noise on them. The generator must not see the training "
        "images, only the discriminator's verdict."
    )


@points(1)
def test_background(gallery, record):
    """The paper around the digits is clean"""
    stray = gallery.measured["stray_ink"]
    record(stray)
    assert stray.met, (
        f"Where real digits leave the paper blank, your images have {100 * stray.value:.1f} % ink "
        f"on average; at most {100 * stray.limit:.1f} % is expected."
    )
