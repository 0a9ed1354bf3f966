"""Checks of memory_lstm that you can run yourself."""

import numpy as np

from autograder import expect
from autograder.checks import points

SIZES = ((1, 1, 2), (5, 8, 3), (40, 60, 4))  # n, length, n_symbols


@points(1)
def test_sequence_shapes(sequences):
    """`latch` returns x (n, length, n_symbols + 1) in float32, and y (n, length) in int32"""
    for n, length, n_symbols in SIZES:
        x, y = sequences(n, length, n_symbols, 7)
        wanted = (n, length, n_symbols + 1), "float32", (n, length), "int32"
        found = x.shape, str(x.dtype), y.shape, str(y.dtype)
        assert found == wanted, (
            f"For n = {n}, length = {length} and n_symbols = {n_symbols}, x should have the shape "
            f"{wanted[0]} and the dtype {wanted[1]}, y the shape {wanted[2]} and the dtype "
            f"{wanted[3]}; yours have {found[0]}, {found[1]}, {found[2]}, {found[3]}."
        )


@points(1)
def test_sequences(sequences, expect_sequences):
    """In the sequences of `latch`, symbols, flags and targets fit together"""
    for number, sizes in enumerate(SIZES):
        expect_sequences(*sequences(*sizes, 20 + number), *sizes)


@points(1)
def test_seeds(student, sequences):
    """Equal seeds give equal sequences, and other seeds other ones"""
    first = sequences(20, 30, 4, 11)
    # Before each call the grader puts all generators back to one state, here to another one.
    with student.seeded(student.seed + 1):
        again = sequences(20, 30, 4, 11)
    assert all(map(np.array_equal, first, again)), (
        "Called twice with the seed 11, `latch` returned other sequences at the second time. Does "
        "all chance come from a generator that was made with the seed?"
    )
    assert not np.array_equal(first[0], sequences(20, 30, 4, 12)[0]), (
        "With the seeds 11 and 12, `latch` returned the same sequences. Does it use its seed?"
    )


@points(1)
def test_shapes(built, expect_shapes):
    """Both models take (length, n_symbols + 1) and answer at every step, (length, n_symbols)"""
    for name in ("build_lstm", "build_rnn"):
        for n_symbols, length in ((4, 60), (3, 8)):
            expect_shapes(built(name, n_symbols, length), n_symbols, length)


@points(1)
def test_probabilities(built, rng):
    """Both models give a probability for each symbol"""
    x = rng.normal(size=(6, 8, 4)).astype("float32")
    for name in ("build_lstm", "build_rnn"):
        expect.probabilities(built(name, 3, 8).predict(x))


@points(1)
def test_lstm(student_model, expect_kind):
    """In `build_lstm` an LSTM, and nothing else, takes something from one step to another"""
    expect_kind(student_model, "LSTM")


@points(1)
def test_plain_network(built, expect_kind, units):
    """In `build_rnn` a plain recurrent layer does, with as many units as the LSTM"""
    model = built("build_rnn", 4, 60)
    expect_kind(model, "plain")
    both = units(model), units(built("build_lstm", 4, 60))
    assert both[0] == both[1] or not both[1], (
        f"Both networks should have the same number of units; `build_rnn` has {_and(both[0])}, "
        f"`build_lstm` has {_and(both[1])}."
    )


def _and(numbers):
    return " and ".join(map(str, numbers))


@points(1)
def test_order_of_time(built, rng):
    """What the models answer at a step does not depend on later steps"""
    x = rng.normal(size=(4, 8, 4)).astype("float32")
    for name in ("build_lstm", "build_rnn"):
        model = built(name, 3, 8)
        assert len(model.output_shape) == 3, (
            f"The model of `{name}` answers once for a whole sequence. It should answer at every "
            "step: is `return_sequences=True` missing?"
        )
        leak = expect.first_leak_in_model(model, x)
        assert leak is None, (
            f"When only later steps of the input change, the answer of the model of `{name}` at step "
            f"{leak} changes, too. Are the steps reversed, or is the layer Bidirectional? It then "
            "knows the future, and cannot be used to forecast it."
        )


@points(1)
def test_gradient_norms(expect_norms, rng):
    """`gradient_norms` agrees with the grader's on small models of yours"""
    expect_norms("build_lstm", 3, 8, 5, rng)
    expect_norms("build_rnn", 3, 8, 5, rng)


@points(1)
def test_train_teaches(training_run, record):
    """`train` moves the weights of the model it is given, and the training error falls"""
    record(training_run.error_ratio)
    assert training_run.worked, (
        f"{training_run.diagnosis} In the grader's targets symbols have other names: does `train` "
        "learn from its arguments?"
    )
