"""Checks of memory_lstm that only a grader has: unseen sizes, seeds and sequences, and all chances."""

import numpy as np
import pytest

from autograder.checks import ScoredTraining, award, points, shared

FLAGGED = 0.05  # the probability of a flag at a later step
NEAR = 8.0  # standard deviations that a share may lie off: chance alone does so once in 10**14
UNSEEN = 1000
STEPS = 10  # of a memory that earns nothing
SYMBOLS, LENGTH = 4, 60


def drawn(rng, n, length, n_symbols):
    """Return symbols (n, length) and flags (n, length)."""
    flags = rng.random((n, length)) < FLAGGED
    flags[:, 0] = True
    return rng.integers(n_symbols, size=(n, length)), flags


def remembered(symbols, flags):
    """Return the symbol of the last step with a flag, (n, length)."""
    found = symbols.copy()
    for step in range(1, symbols.shape[1]):
        found[:, step] = np.where(flags[:, step], symbols[:, step], found[:, step - 1])
    return found  # integers, as `latch` returns them


def inputs(symbols, flags, n_symbols):
    """Return symbols and flags as a network reads them, (n, length, n_symbols + 1) float32."""
    shown = symbols[:, :, None] == np.arange(n_symbols)
    return np.concatenate([shown, flags[:, :, None]], axis=2).astype("float32")


@points(1)
def test_any_sequences(sequences, expect_sequences, rng):
    """`latch` is right for sizes and seeds that you have not seen"""
    for n, length, n_symbols in ((1, 200, 9), (30, 1, 5), (200, 47, 2), (64, 64, 6)):
        seed = int(rng.integers(2**31))
        expect_sequences(*sequences(n, length, n_symbols, seed), n, length, n_symbols)
        other = sequences(n, length, n_symbols, seed ^ 1)[0]
        assert n * length < 40 or not np.array_equal(
            sequences(n, length, n_symbols, seed)[0], other
        ), "With two different seeds `latch` returned the same sequences."


@points(1)
def test_chances(sequences, rng):
    """Symbols and flags are as likely as they should be, and independent of each other"""
    n, length, n_symbols = 3000, 40, 5
    x, _ = sequences(n, length, n_symbols, int(rng.integers(2**31)))
    assert x.shape == (n, length, n_symbols + 1), f"x has the shape {x.shape}."
    shown, flags = x[:, :, :-1].astype("float64"), x[:, 1:, -1].astype("float64")
    _expect_share(flags, FLAGGED, "the flag is up at a step after step 0")
    for step in range(1, length):
        _expect_share(flags[:, step - 1], FLAGGED, f"the flag is up at step {step}")
    for symbol in range(n_symbols):
        _expect_share(shown[:, :, symbol], 1 / n_symbols, f"the symbol is {symbol}")
        _expect_share(shown[:, 0, symbol], 1 / n_symbols, f"the symbol at step 0 is {symbol}")
        up = shown[:, 1:, symbol][flags == 1]
        _expect_share(up, 1 / n_symbols, f"the symbol is {symbol} where the flag is up")
    same = (shown[:, 1:] * shown[:, :-1]).sum(axis=2)
    _expect_share(same, 1 / n_symbols, "a step shows the symbol of the step before")
    alike = (shown[1:] * shown[:-1]).sum(axis=2)
    _expect_share(alike, 1 / n_symbols, "two sequences show the same symbol at a step")
    _expect_share(flags[1:] * flags[:-1], FLAGGED**2, "two sequences have a flag at the same step")
    _expect_share(flags[:, 1:] * flags[:, :-1], FLAGGED**2, "two flags follow each other")


def _expect_share(events, likely, what):
    """Expect a share of events near its probability; neighbours may depend on each other a little."""
    spread = np.sqrt(2 * likely * (1 - likely) / events.size)
    share = float(events.mean())
    assert abs(share - likely) <= NEAR * spread, (
        f"In many sequences of `latch`, {what} in {100 * share:.2g} of 100 cases; about "
        f"{100 * likely:.2g} are expected."
    )


@points(2)
def test_any_gradient_norms(expect_norms, rng):
    """`gradient_norms` is right for your models of other sizes, and for any numbers"""
    # Few steps and rows: a loop over them is honest, and slow.
    expect_norms("build_lstm", 2, 5, 1, rng)
    expect_norms("build_rnn", 6, 11, 3, rng)
    expect_norms("build_lstm", 4, 13, 2, rng)


@shared
def unseen(rng_of):
    """Sequences as `train` gets them, in which each symbol has the next name, but never seen."""
    symbols, flags = drawn(rng_of("unseen sequences"), UNSEEN, LENGTH, SYMBOLS)
    x = inputs(symbols, flags, SYMBOLS)
    return x, (remembered(symbols, flags) + 1) % SYMBOLS


@pytest.fixture(scope="session")
def trivial(thresholds):
    """How often simple answers are right at the last step."""
    within = 1 - (1 - FLAGGED) ** STEPS
    simple = {
        "one symbol for all": 1 / SYMBOLS,
        "the symbol of the last step": FLAGGED + (1 - FLAGGED) / SYMBOLS,
        "a memory of ten steps": within + (1 - within) / SYMBOLS,
    }
    for what, share in simple.items():
        thresholds.baseline("unseen_accuracy", what, share)
    return max(simple.values())


@pytest.fixture(scope="session")
def score_training(unseen, share_right, trivial, thresholds):
    """A function that tries a trained model on unseen sequences."""

    def score(training_run):
        accuracy = share_right(training_run.model, *unseen)
        measured = thresholds.measure("unseen_accuracy", accuracy)
        share = measured.share(zero=trivial) if training_run.changed_weights else 0.0
        hint = "" if share >= 1 else _hint(training_run, measured)
        return ScoredTraining(training_run, share, hint, measured)

    return score  # for trainings by student and instructor alike


def _hint(training_run, measured):
    # The hint for a `train` that has changed nothing, or nothing but to nan.
    if (
        not training_run.changed_weights  # it trained a copy, or nothing at all
        or not np.isfinite(training_run.after)
    ):
        return training_run.diagnosis
    return (
        f"At the last step of sequences it has never seen, {int(100 * measured.value)} in 100 "
        f"answers are right; {100 * measured.limit:g} in 100 earn all points, a guess is right in "
        f"{100 // SYMBOLS}."
    )


@points(2)
def test_lstm_remembers(scored_model, record):
    """Trained well, your LSTM knows at the last step what it has to remember"""
    record(scored_model.measured)
    award(scored_model.fraction, scored_model.hint)  # whoever trained it better


@points(2)
def test_train_remembers(scored_train, record):
    """`train` leads an LSTM to remember, in sequences it has never seen"""
    record(scored_train.measured)  # the share right at the last step
    assert scored_train.training_run.worked, scored_train.training_run.diagnosis
    award(scored_train.fraction, scored_train.hint)  # with the better model
