"""Checks of backprop that only a grader has: drawn networks, and every sum row by row in float64."""

from functools import partial

import numpy as np

from autograder.checks import Oracle, error_of, points
from autograder.errors import StudentError
from autograder.expect import Tolerance, difference, kind_of

KEYS = ("w1", "b1", "w2", "b2")
SIZES = [(1, 3, 5, 2), (7, 2, 4, 3), (6, 5, 3, 1), (11, 4, 7, 2)]  # n, d, h, m


class OfTheLargest(Tolerance):
    """A number may be off by `rtol` of the largest number in its array, and by `atol`."""

    def near(self, value, expected):
        wide, goal = value.astype("float64"), expected.astype("float64")
        return np.abs(wide - goal) <= self.atol + self.rtol * np.abs(goal).max(initial=0)


NEAR = OfTheLargest(rtol=1e-4, atol=1e-9)


# What is right.


def wide(params):
    return {key: np.asarray(params[key], "float64") for key in KEYS}


def hidden_values(x, params):
    """Return z (n, h), the hidden layer before relu."""
    return np.tensordot(np.asarray(x, "float64"), params["w1"], 1) + params["b1"]


def predicted(x, params):
    params = wide(params)
    z = hidden_values(x, params)
    return np.where(z > 0, z, 0) @ params["w2"] + params["b2"]


def squared_error(y, p):
    off = np.asarray(y, "float64") - np.asarray(p, "float64")
    return float(np.vdot(off, off) / off.size)


def log_loss(labels, probabilities):
    chosen = [float(row[label]) for label, row in zip(labels, probabilities, strict=True)]
    return sum(-np.log(max(q, 1e-12)) for q in chosen) / len(chosen)


def slopes(x, y, params):
    params = wide(params)
    z, off = hidden_values(x, params), predicted(x, params) - np.asarray(y, "float64")
    found = {key: np.zeros(params[key].shape) for key in KEYS}
    for row, before, error in zip(np.asarray(x, "float64"), z, off, strict=True):
        back = 2 * error / y.size
        through = np.array(
            [w @ back if unit > 0 else 0.0 for w, unit in zip(params["w2"], before, strict=True)]
        )
        found["b2"] += back
        found["w2"] += np.outer(before.clip(0), back)
        found["b1"] += through
        found["w1"] += np.outer(row, through)
    return found


def step(params, gradients, velocity, rate, momentum):
    params, gradients, velocity = wide(params), wide(gradients), wide(velocity)
    rolled = {key: momentum * velocity[key] + (-rate) * gradients[key] for key in KEYS}
    return {key: rolled[key] + params[key] for key in KEYS}, rolled


def trained(params, x, y, epochs, batch_size, rate, momentum, seed, by=(slopes, step)):
    """Return params and losses; `by` computes gradients and steps."""
    slopes_by, step_by = by
    shuffled = np.random.default_rng(seed)
    velocity = {key: np.zeros_like(params[key]) for key in KEYS}
    losses = []
    for _ in range(epochs):
        left = list(shuffled.permutation(len(y)))
        while left:
            rows, left = left[:batch_size], left[batch_size:]
            params, velocity = step_by(
                params, slopes_by(x[rows], y[rows], params), velocity, rate, momentum
            )
        losses.append(squared_error(y, predicted(x, params)))
    return params, losses


def watched(case):
    """Return how near to relu's corner a hidden value comes while a case is trained.

    Near the corner, rounding decides the slope: no honest answer may depend on it.
    """
    nearest = []

    def watching(x, y, params):
        z = np.abs(hidden_values(x, params))
        nearest.append(z.min() / z.max())
        return slopes(x, y, params)

    _, losses = trained(*case, by=(watching, step))
    return min(nearest) if max(losses) < 100 else 0.0


# What is drawn.


def network(rng, n, d, h, m, dtype="float64", scale=1.0):
    """Return x, y and params; no hidden value is near relu's corner, some are on either side."""
    while True:
        x = rng.normal(scale=scale, size=(n, d)).astype(dtype)
        params = {
            "w1": rng.normal(size=(d, h)).astype(dtype),
            "b1": rng.normal(size=h).astype(dtype),
            "w2": rng.normal(size=(h, m)).astype(dtype),
            "b2": rng.normal(size=m).astype(dtype),
        }
        # In each column all errors have one sign, so that no sum over rows comes out near 0.
        off = rng.choice([-1, 1], size=m) * rng.uniform(0.5, 2.0, size=(n, m)) * scale
        y = (predicted(x, params) + off).astype(dtype)
        z = hidden_values(x, wide(params))
        if np.abs(z).min() > 1e-3 * np.abs(z).max() and 0 < np.count_nonzero(z > 0) < z.size:
            return x, y, params


def networks(rng):
    for number, size in enumerate(SIZES):
        yield network(rng, *size, dtype=("float64", "float32")[number % 2])
    yield network(rng, 5, 3, 4, 2, "float32", scale=1e3)
    yield network(rng, 1, 2, 6, 4, "float32")


def training(rng, n, d, h, m, epochs, batch_size, momentum, dtype="float64"):
    while True:
        x, y, params = network(rng, n, d, h, m, dtype)
        case = (params, x, y, epochs, batch_size, 0.02, momentum, int(rng.integers(1, 10**6)))
        if watched(case) > 1e-4:
            return case


def trainings(rng):
    return [
        training(rng, 3, 2, 5, 1, 2, 8, 0.5),
        training(rng, 7, 2, 3, 4, 3, 3, 0.9),
        training(rng, 4, 1, 6, 3, 3, 1, 0.0),
        training(rng, 10, 4, 3, 1, 3, 4, 0.8, "float32"),
    ]


# How a value is compared.


def only(*keys):
    """Return a function that leaves these keys of a dict: a mistake costs the points of its part."""

    def take(value):
        if not isinstance(value, dict):
            return value
        return {key: value[key] for key in keys if key in value}

    return take


def first(value):
    """Return the first of the two values of `train`."""
    assert isinstance(value, tuple | list) and len(value) == 2, (
        f"`train` should return two values, the params and the losses; yours is {kind_of(value)}."
    )
    return value[0]


def told_case(case):
    """Return the sizes of a case in words: its numbers would fill the page."""
    params = next(one for one in case if isinstance(one, dict))
    (d, h), m = params["w1"].shape, len(params["b2"])
    rows = [f"n = {len(one)}" for one in case if isinstance(one, np.ndarray)][:1]
    sizes = ", ".join([*rows, f"d = {d}", f"h = {h}", f"m = {m}"])
    numbers = dict(zip(("epochs", "batch_size"), case[3:5], strict=False)) if len(case) == 8 else {}
    return ", ".join(
        [sizes, *(f"{key} = {one}" for key, one in numbers.items()), str(params["w1"].dtype)]
    )


def oracle(name, right, part=None):
    return Oracle(name, right, NEAR, part=part, told=told_case)


# The checks.


@points(1)
def test_mean_squared_error_of_any_size(student, rng):
    """`mean_squared_error` is the mean over all numbers of any y and p"""

    def drawn():
        for (n, _, h, m), dtype in zip(SIZES, ["float64", "float32"] * 2, strict=True):
            yield tuple(rng.normal(scale=10.0**m, size=(n, h)).astype(dtype) for _ in range(2))

    Oracle("mean_squared_error", squared_error, NEAR).expect(student, drawn())


@points(1)
def test_cross_entropy_of_any_size(student, rng):
    """`cross_entropy` looks at the right class only, also where its probability is 0"""

    def drawn():
        for (n, _, k, m), dtype in zip(SIZES, ["float64", "float32"] * 2, strict=True):
            labels = rng.integers(k - 1, size=n).astype(
                ["int64", "int32"][m % 2]
            )  # never class k - 1
            yield labels, rng.dirichlet(np.ones(k), size=n).astype(dtype)
        for dtype in ("float64", "float32"):
            yield np.array([1, 2, 0, 1]), np.eye(3, dtype=dtype)[[1, 0, 0, 2]]
        small = 10.0 ** rng.uniform(-10, -8, size=3)
        yield np.array([0, 1, 0]), np.column_stack([small, 1 - small])

    hint = "Is the probability raised to 1e-12, and the mean taken over the rows?"
    Oracle("cross_entropy", log_loss, NEAR).expect(student, drawn(), hint)


@points(2)
def test_output_layer(student, rng):
    """`gradients` of `w2` and `b2` are right for networks of any size"""
    hint = (
        "Steps 1 and 2 of the notebook lead there: dp has a factor 2 and the divisor n · m. `db2` is a "
        "sum over the rows, not a mean. A gradient has the shape of its weight."
    )
    oracle("gradients", slopes, only("w2", "b2")).expect(student, networks(rng), hint)


@points(2)
def test_hidden_layer(student, rng):
    """`gradients` of `w1` and `b1` are right for networks of any size"""
    hint = (
        "Steps 3 to 5 of the notebook lead there: dp goes back through w2, and through relu where "
        "z > 0. A gradient has the shape of its weight."
    )
    oracle("gradients", slopes, only("w1", "b1")).expect(student, networks(rng), hint)


@points(1)
def test_units_that_are_off(student, rng):
    """`gradients` of hidden units whose z is 0 or below for every row are 0"""

    def off(value):
        """Return the gradients of the first two units, which are never on."""
        shapes = (
            {key: np.shape(value.get(key)) for key in KEYS} if isinstance(value, dict) else None
        )
        assert shapes == {"w1": (3, 5), "b1": (5,), "w2": (5, 2), "b2": (2,)}, (
            f"`gradients` should return a dict with the shapes of params; yours has {shapes}."
        )
        assert any(np.any(value[key]) for key in KEYS), (
            "All gradients are 0, also those of units that are on."
        )
        w1, b1, w2 = (np.asarray(value[key]) for key in ("w1", "b1", "w2"))
        return {"w1": w1[:, :2], "b1": b1[:2], "w2": w2[:2]}

    hint = (
        "The first two hidden units have z <= 0 in every row, so their gradients are 0. Where z is "
        "exactly 0, the slope of relu is 0, too."
    )
    for dtype in ("float64", "float32"):
        x, y, params = network(rng, 4, 3, 5, 2, dtype)
        # Whole numbers leave no rounding: the first unit is at exactly 0 for a row, else below.
        x = np.floor(np.abs(x) * 4) + np.arange(4, dtype=dtype)[:, None]
        params["w1"][:, :2], params["b1"][1] = -1, -100
        params["b1"][0] = x.sum(axis=1).min()
        oracle("gradients", slopes, off).expect(student, [(x, y, params)], hint)


@points(1)
def test_steps(student, rng):
    """`sgd_step` is right for networks of any size, and for several steps in a row"""
    cases = []
    for number, size in enumerate(SIZES):
        _, _, params = network(rng, *size, dtype=("float64", "float32")[number % 2])
        velocity = {key: np.zeros_like(params[key]) for key in KEYS}
        rate, momentum = float(rng.uniform(0.01, 0.5)), (0.0, 0.5, 0.9, 0.99)[number]
        for _ in range(3):
            downhill = {key: rng.normal(size=params[key].shape) for key in KEYS}
            downhill = {key: downhill[key].astype(params[key].dtype) for key in KEYS}
            cases.append((params, downhill, velocity, rate, momentum))
            moved, rolled = step(*cases[-1])
            params = {key: moved[key].astype(params[key].dtype) for key in KEYS}
            velocity = {key: rolled[key].astype(params[key].dtype) for key in KEYS}
    hint = "Value 1 is the new params, value 2 the new velocity."
    oracle("sgd_step", step).expect(student, cases, hint)


@points(2)
def test_trained_params(student, rng):
    """`train` goes through the batches in the right order and keeps its velocity"""
    cases = trainings(rng)
    hint = (
        "One generator for the whole training, a new order in each epoch, the last short batch "
        "included, and a velocity that goes on from epoch to epoch."
    )
    try:
        oracle("train", trained, first).expect(student, cases, hint)
    except (AssertionError, StudentError) as error:
        judged = {is_by_its_own(student, case) for case in cases}
        if True not in judged or False in judged:
            wrong = wrong_parts(student, cases[0])
            if not wrong:
                raise
            first_of_all = f"{wrong} not pass their own checks yet; repair that first, as `train` is made of it."
            if isinstance(error, StudentError):
                raise error.with_message(f"{first_of_all}\n{error.message}") from error
            raise AssertionError(f"{first_of_all}\n{error}") from error


def wrong_parts(student, case):
    """Return which of `gradients` and `sgd_step` are wrong, as the subject of a sentence."""
    params, x, y, *_ = case
    found = slopes(x, y, params)
    velocity = {key: np.ones_like(params[key]) for key in KEYS}
    calls = {
        "gradients": (slopes, (x, y, params)),
        "sgd_step": (step, (params, found, velocity, 0.1, 0.9)),
    }
    wrong = [
        f"`{name}`"
        for name, (right, arguments) in calls.items()
        if error_of(partial(oracle(name, right).expect, student, [arguments]))
    ]
    return " and ".join(wrong) + (" do" if len(wrong) > 1 else " does") if wrong else ""


def is_by_its_own(student, case):
    """Tell whether `train` does rightly what the student's `gradients` and `sgd_step` make of it.

    A mistake in these has cost its points already. They have to tell one order of rows from
    another, or else they say nothing about `train`. None where they lead to infinity.
    """

    def own(name):
        return lambda *arguments: student.call(name, *arguments)

    by = own("gradients"), own("sgd_step")
    params, x, y, epochs, batch_size, rate, momentum, seed = case
    try:
        value, changed = student.call_watched("train", *case)
        expected, losses = trained(*case, by=by)
        if not np.isfinite(losses).all():
            return None
        other, _ = trained(params, x, y, epochs, 2, rate, momentum, seed + 1, by=by)
    except (StudentError, ValueError, TypeError, KeyError, IndexError):
        return False
    told = difference(other, expected, NEAR)
    return bool(told) and not changed and not difference(first(value), expected, NEAR)


@points(1)
def test_losses(student, rng):
    """`train` returns a loss for each epoch: that of its params on all rows after this epoch"""
    case = training(rng, 7, 2, 3, 4, 3, 3, 0.9)
    (params, x, y), further = case[:3], case[4:]
    pairs = []
    for epochs in (1, 2, 3):
        value = student.call("train", params, x, y, epochs, *further)
        pairs.append((y, predicted_by(first(value), x)))
        goal = [squared_error(*pair) for pair in pairs]
        told = difference(value[1], goal, NEAR)
        assert not told or told_by_its_own(student, value[1], pairs), (
            f"`train`, with {told_case((*case[:3], epochs, *further))}: the losses should be those of "
            f"the params after each epoch on all rows, not the mean of the batches' losses: {told}."
        )
    told = difference(pairs[-1][1], predicted(x, params), NEAR)
    assert told, "The params that `train` returns predict the same as those that it got."


def predicted_by(found, x):
    """Return what the params that `train` returned predict."""
    try:
        return predicted(x, found)
    except (ValueError, TypeError, KeyError, IndexError):
        raise AssertionError(
            "The first value of `train` should be params, a dict with the keys w1, b1, w2 and b2, "
            "each with its shape: nothing can be predicted with yours."
        ) from None


def told_by_its_own(student, losses, pairs):
    """Tell whether the losses are what the student's `mean_squared_error`, if wrong, makes of it."""
    try:
        own = [student.call("mean_squared_error", y, p) for y, p in pairs]
        differ = len(own) < 2 or difference(own[1], own[0], NEAR)
    except StudentError:
        return False
    return bool(differ) and not difference(losses, own, NEAR)
