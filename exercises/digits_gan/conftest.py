"""What the checks of digits_gan share: the images, your two networks, and a short training."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograder import expect
from autograder.checks import attempt, remeasured, shared

LATENT, SHAPE = 64, (28, 28, 1)
BUDGET = 1_000_000
FEW = 1000  # images are enough to see whether `train` teaches
SAMPLES = 2000


@dataclass(frozen=True)
class TrainedNetworks:
    """Both networks after one call of `train`, and whether it moved trainable weights of each."""

    generator: Any
    discriminator: Any
    generator_moved: bool
    discriminator_moved: bool


@shared
def digits(data):
    """x_train (n, 28, 28, 1) uint8 from 0 (paper) to 255 (ink)."""
    return data("digits")


@shared
def swapped(digits):
    """The first training images with ink and paper swapped, (1000, 28, 28, 1) uint8."""
    return 255 - digits.x_train[:FEW]


@shared
def noise():
    """What every generator is sampled with: (2000, 64) from the standard normal distribution."""
    return np.random.default_rng(2014).normal(size=(SAMPLES, LATENT)).astype("float32")


@shared
def build_generator():
    """A function that calls `build_generator`: yours, or, when grading, the instructor's."""
    return lambda owner: expect.keras_model(owner.build_generator(LATENT), input_shape=(LATENT,))


@shared
def build_discriminator():
    """A function that calls `build_discriminator`: yours, or the instructor's."""
    return lambda owner: expect.keras_model(owner.build_discriminator(SHAPE), input_shape=SHAPE)


@pytest.fixture(scope="session")
def generator(student, build_generator):
    """The generator as your `build_generator` returned it."""
    return build_generator(student)


@pytest.fixture(scope="session")
def discriminator(student, build_discriminator):
    """The discriminator as your `build_discriminator` returned it."""
    return build_discriminator(student)


@pytest.fixture(scope="session")
def sound_generator(generator):
    """Your generator, if it can be trained: its shapes, its size and a nonlinearity are right."""
    expect.input_shape(generator, (None, LATENT))
    expect.output_shape(generator, (None, *SHAPE))
    expect.budget(generator, at_most=BUDGET)
    expect.nonlinear(generator)
    return generator


@pytest.fixture(scope="session")
def sound_discriminator(discriminator):
    """Your discriminator, if it can be trained."""
    expect.input_shape(discriminator, (None, *SHAPE))
    expect.output_shape(discriminator, (None, 1))
    expect.budget(discriminator, at_most=BUDGET)
    expect.nonlinear(discriminator)
    return discriminator


@pytest.fixture(scope="session")
def networks(request, student, optional_reference, build_generator, build_discriminator):
    """A function that returns a new generator and a new discriminator, both untrained.

    They are yours. Where one of them cannot be used, the grader takes the instructor's instead,
    so that the mistake does not cost the points of `train` as well.
    """

    def new(build, name):
        usable = attempt(request, f"sound_{name}") is not None
        if usable or optional_reference is None:
            return expect.same_architecture(build(student), request.getfixturevalue(name))
        return build(optional_reference)

    return lambda: (new(build_generator, "generator"), new(build_discriminator, "discriminator"))


@pytest.fixture(scope="session")
def train_new_networks(student, networks):
    """A function of images that has new networks trained by your `train` and returns what it did."""

    def trained(images):
        generator, discriminator = networks()
        drawn, told = generator.trainable_weights, discriminator.trainable_weights
        student.train(generator, discriminator, images)
        return TrainedNetworks(
            generator,
            discriminator,
            _changed(drawn, generator.weights),
            _changed(told, discriminator.weights),
        )

    return trained


def _changed(before, after):
    """Tell whether one of the arrays `before` is nowhere in `after`.

    Freezing a network on the way moves its weights to another place in the list, no more.
    """
    return any(not any(np.array_equal(old, new) for new in after) for old in before)


@pytest.fixture(scope="session")
def short_training(train_new_networks, swapped):
    """Your `train` with a thousand images, ink and paper swapped."""
    return train_new_networks(swapped)


@shared
def draw(noise):
    """A function of a generator: 2,000 images (n, 28, 28, 1) of pixels from 0 to 1."""

    def drawn(generator):
        pixels = generator.predict(noise)
        assert np.isfinite(pixels).all(), (
            "After `train` the generator makes pixels that are nan or inf: training has diverged."
        )
        # Pixels from -1 to 1 cost the point for the range, and no more than that.
        return np.clip((pixels + 1) / 2 if pixels.min() < -0.5 else pixels, 0, 1)

    return drawn


@pytest.fixture(scope="session")
def follows(student, short_training, train_new_networks, swapped, digits, draw, thresholds):
    """How well `train` follows images with ink and paper swapped, from 0 to 1."""
    wanted, usual = (np.mean(x / np.float32(255), axis=0) for x in (swapped, digits.x_train))
    gap = np.abs(wanted - usual).mean()
    thresholds.baseline("follows", "the usual images", 0.0)
    runs = [short_training]

    def once():
        run = runs.pop() if runs else train_new_networks(swapped)
        mean = draw(run.generator).mean(axis=0)
        return thresholds.measure("follows", 1 - np.abs(mean - wanted).mean() / gap)

    return remeasured([student], once)


@pytest.fixture(scope="session")
def listens(short_training, follows):
    """Nothing; fails where a short training has shown that a full one is not worth its time."""
    assert short_training.generator_moved, (
        "Images count here only if `train` has taught the generator that made them."
    )
    assert follows.met, (
        "Images count here only if `train` has learned them from the images it was given."
    )
