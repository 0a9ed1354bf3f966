"""Checks of digits_gan that you can run yourself; they need the training images only."""

import numpy as np

from autograder import expect
from autograder.checks import points

LATENT, SHAPE = 64, (28, 28, 1)
BUDGET = 1_000_000
ROUNDING = 1e-3  # beyond the ends of the range of pixels
SAME = 1e-5  # what differs by less than this is rounding


@points(1)
def test_generator_shape(generator):
    """The generator takes 64 random numbers and returns one 28 x 28 image"""
    expect.input_shape(generator, (None, LATENT))
    expect.output_shape(generator, (None, *SHAPE))


@points(1)
def test_discriminator_shape(discriminator):
    """The discriminator takes 28 x 28 images and returns one number for each"""
    expect.input_shape(discriminator, (None, *SHAPE))
    expect.output_shape(discriminator, (None, 1))


@points(1)
def test_pixels(generator, noise):
    """The generator's pixels lie between 0 and 1, and other random numbers give another image"""
    pixels = generator.predict(noise[:100])
    low, high = float(pixels.min()), float(pixels.max())
    assert low >= -ROUNDING and high <= 1 + ROUNDING, (
        f"Pixels should lie between 0 and 1, those of your untrained generator lie between "
        f"{low:.2f} and {high:.2f}. A sigmoid at the end, or tanh followed by Rescaling(0.5, 0.5), "
        "keeps them there."
    )
    assert np.ptp(pixels, axis=0).max() > SAME, (
        "Your generator returns the same image for all random numbers: its input does not reach "
        "its output."
    )


@points(1)
def test_nonlinearity(generator, discriminator):
    """Both networks have a nonlinear activation between their layers with weights"""
    expect.nonlinear(generator)
    expect.nonlinear(discriminator)


@points(1)
def test_budget(generator, discriminator):
    """Both networks have at most 1,000,000 parameters, and some to train"""
    expect.budget(generator, at_most=BUDGET)
    expect.budget(discriminator, at_most=BUDGET)


@points(1)
def test_train_moves_generator(short_training, follows):
    """`train` moves the weights of the generator it is given"""
    assert short_training.generator_moved, (
        "After `train` the generator's weights are what they were before. `train` must teach the "
        "very generator it is given, not a copy; and its gradient has to come through the "
        "discriminator back to the generator."
    )
    assert follows.met, "Weights that moved count only if they learned from the images given."


@points(1)
def test_train_moves_discriminator(short_training, swapped, noise, draw):
    """`train` moves the weights of the discriminator, and it tells some images from others"""
    assert short_training.discriminator_moved, (
        "After `train` the discriminator's weights are what they were before. Keras 3 looks at "
        "`trainable` when a model is first trained on a batch, so `compile` followed by "
        "`discriminator.trainable = False` leaves it frozen for good."
    )
    fakes, static = draw(short_training.generator)[:100], np.abs(np.sin(noise[:49]))
    shown = [swapped[:100] / 255, 1 - swapped[:100] / 255, fakes, static.reshape(4, *SHAPE)]
    verdicts = short_training.discriminator.predict(np.concatenate(shown).astype("float32"))
    assert np.isfinite(verdicts).all(), "The trained discriminator answers with nan or inf."
    assert np.ptp(verdicts) > SAME, (
        "After `train` the discriminator gives the same answer for every image, real or not."
    )


@points(1)
def test_follows(short_training, follows, record):
    """`train` learns from the images it is given, also when ink and paper are swapped"""
    record(follows)
    assert short_training.generator_moved, "After `train` the generator is what it was before."
    assert follows.met, (
        "Given a thousand images with ink and paper swapped, `train` should lead the generator to "
        "such images, dark with light strokes. It did not. Does `train` use the images it is "
        "given, or others from the notebook? Does it learn enough from a thousand images?"
    )
