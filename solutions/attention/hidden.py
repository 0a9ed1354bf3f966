"""Checks of attention that only a grader has: drawn arrays, attended query by query in float64."""

from contextlib import contextmanager

import numpy as np

from autograder.checks import Oracle, error_of, points
from autograder.errors import StudentError
from autograder.expect import Tolerance, difference


class OfTheLargest(Tolerance):
    """A number may be off by `rtol` of the largest number in its array, and by `atol`."""

    def near(self, value, expected):
        exact, goal = value.astype("float64"), expected.astype("float64")
        return np.abs(exact - goal) <= self.atol + self.rtol * np.abs(goal).max(initial=0)


NEAR = OfTheLargest(rtol=1e-4, atol=1e-9)
KINDS = ("float64", "float32")


# What is right, query by query.


def double(*arrays):
    return [np.asarray(array, "float64") for array in arrays]


def fits(q, k):
    """Return the score of each query and key."""
    q, k = double(q, k)
    return np.einsum("...nd,...md->...nm", q, k) * q.shape[-1] ** -0.5


def mixed(found, v, mask=None):
    """Return the values of v mixed by the scores `found`."""
    found, v = double(found, v)
    allowed = np.broadcast_to(True if mask is None else mask, found.shape)
    result = np.zeros((*found.shape[:-1], v.shape[-1]))
    for place in np.ndindex(found.shape[:-1]):
        keys = np.flatnonzero(allowed[place])
        if len(keys):
            powers = np.exp(found[place][keys] - found[place][keys].max())
            result[place] = powers / powers.sum() @ v[place[:-1]][keys]
    return result


def attended(q, k, v, mask=None):
    return mixed(fits(q, k), v, mask)


def shared_out(x, heads):
    return np.stack(np.split(np.asarray(x), heads, axis=2), axis=1)


def put_together(x):
    return np.concatenate(list(np.moveaxis(np.asarray(x), 1, 0)), axis=2)


def allowed_back(n):
    return np.array([[column <= row for column in range(n)] for row in range(n)])


def layer(x, wq, wk, wv, wo, heads, causal=False):
    x, wq, wk, wv, wo = double(x, wq, wk, wv, wo)
    q, k, v = (shared_out(x @ w, heads) for w in (wq, wk, wv))
    mask = allowed_back(x.shape[1]) if causal else None
    return put_together(attended(q, k, v, mask)) @ wo


def codes(n, width):
    found = np.empty((n, width))
    for column in range(width):
        rate = 10000.0 ** (-(column - column % 2) / width)
        found[:, column] = (np.sin, np.cos)[column % 2](rate * np.arange(n))
    return found


SCORES = Oracle("scores", fits, NEAR)
ATTEND = Oracle("attend", attended, NEAR)
SPLIT = Oracle("split_heads", shared_out, NEAR)
JOIN = Oracle("join_heads", put_together, NEAR)
LAYER = Oracle("multi_head", layer, NEAR)
POSITIONS = Oracle("positions", codes, NEAR)


# The same for the student's process, where they stand in for functions that are wrong.

PARTS = ("scores", "causal_mask", "attend", "split_heads", "join_heads")
RIGHT = """
def scores(q, k):
    import numpy as np
    return np.einsum("...nd,...md->...nm", q, k) / q.shape[-1] ** 0.5

def causal_mask(n):
    import numpy as np
    return np.tri(n, dtype=bool)

def attend(q, k, v, mask=None):
    import numpy as np
    found = np.einsum("...nd,...md->...nm", q, k) / q.shape[-1] ** 0.5
    found = np.where(True if mask is None else mask, found, -np.inf)
    largest = found.max(axis=-1, keepdims=True)
    powers = np.exp(found - np.where(largest > -np.inf, largest, 0))
    total = powers.sum(axis=-1, keepdims=True)
    return powers / np.where(total > 0, total, 1) @ v

def split_heads(x, heads):
    import numpy as np
    return np.stack(np.split(x, heads, axis=2), axis=1)

def join_heads(x):
    import numpy as np
    return np.concatenate(list(np.moveaxis(x, 1, 0)), axis=2)
"""


@contextmanager
def right_parts(student, names):
    """Put right functions in the place of the student's functions of these names, for a while.

    The shell that ran the notebook puts them there, in the student's own process.
    """
    shell = student.get_ipython()
    shell.ex(f"_autograder_own = {{name: globals().get(name) for name in {PARTS}}}")
    shell.ex(f"exec({RIGHT!r})")
    shell.ex(
        f"globals().update((name, _autograder_own[name]) for name in set({PARTS}) - set({names}))"
    )
    try:
        yield
    finally:
        shell.ex("globals().update(_autograder_own)")


def is_right_with(student, oracle, cases, names):
    """Tell whether a function of the student's is right as soon as these of its parts are."""

    def judged():
        with right_parts(student, names):
            oracle.expect(student, cases)

    return error_of(judged) is None


# What is drawn: leading axes, n, m, d and dv.

SHAPES = [
    ((), 1, 3, 2, 4),
    ((), 4, 2, 3, 1),
    ((2,), 3, 5, 7, 4),
    ((1, 3), 2, 4, 5, 6),
    ((2, 3), 5, 4, 6, 1),
]


def triple(rng, lead, n, m, d, dv, kind, scale=1.0):
    """Return queries, keys and values; a scale makes the values large."""
    shapes = ((n, d), (m, d), (m, dv))
    q, k, v = (rng.normal(size=(*lead, *shape)) for shape in shapes)
    return tuple(array.astype(kind) for array in (q, k, scale * v))


def triples(rng):
    for number, shape in enumerate(SHAPES):
        yield triple(rng, *shape, KINDS[number % 2], scale=(1.0, 1e3)[number == 2])


def masked(rng):
    """Yield arrays with masks of many shapes; in some a query may look at nothing."""
    for number, (lead, n, m, d, dv) in enumerate(SHAPES):
        arrays = triple(rng, lead, n, m, d, dv, KINDS[1 - number % 2])
        shapes = [(n, m), (m,), (1, m), (n, 1), (*lead, n, m)]
        if len(lead) == 2:
            shapes.append((lead[0], 1, 1, m))
        for shape in shapes:
            mask = rng.random(shape) < 0.6
            if shape[-2:] == (n, m):
                mask[..., rng.integers(n), :] = False
            yield *arrays, mask


def steep(rng):
    """Yield arrays whose scores are in the thousands, without any rounding, and masks."""
    for kind in KINDS:
        q, k = (rng.integers(-40, 41, size=(2, size, 4)).astype(kind) for size in (3, 5))
        q[..., 0], k[..., 0] = 45, np.array([40, -40, 20, -20, 0])
        v = rng.normal(size=(2, 5, 3)).astype(kind)
        yield q, k, v
        yield q, k, v, fits(q, k) < fits(q, k).max(axis=-1, keepdims=True)


def sequences(rng, causal=False):
    sizes = [(1, 3, 4, 2), (2, 1, 6, 3), (3, 5, 4, 1), (2, 3, 8, 4), (1, 7, 6, 2)]
    for number, (b, n, d, heads) in enumerate(sizes):
        kind = KINDS[number % 2]
        x = rng.normal(size=(b, n, d)).astype(kind)
        weights = [(rng.normal(size=(d, d)) * (2 / d) ** 0.5).astype(kind) for _ in range(4)]
        yield (x, *weights, heads, True) if causal else (x, *weights, heads)


# The checks.


@points(1)
def test_scores_of_any_size(student, rng):
    """`scores` are scaled dot products for any number of leading axes"""
    hint = (
        "The products are divided by the root of d. With leading axes, `k.T` turns all axes around; "
        "`np.swapaxes(k, -1, -2)` only the last two."
    )
    SCORES.expect(student, [(q, k) for q, k, _ in triples(rng)], hint)


@points(1)
def test_causal_mask_of_any_size(student, rng):
    """`causal_mask` is right for any n, also for 1"""
    for n in (1, 2, int(rng.integers(5, 12))):
        mask = student.causal_mask(n)
        told = difference(mask, allowed_back(n).astype(int), NEAR)
        assert not told, f"For n = {n}, with True as 1 and False as 0: {told}."
        held = np.asarray(mask).dtype
        assert held.kind == "b", f"The mask should hold booleans; for n = {n} it holds {held}."


@points(2)
def test_attend_without_mask(student, rng):
    """`attend` mixes the values by the softmax of each query's scores"""
    hint = "The weights of a query are the softmax of its row: they sum to 1 over the keys."
    expect_attended(student, list(triples(rng)), hint)


@points(2)
def test_attend_with_masks(student, rng):
    """`attend` follows masks of all shapes, and a row that is masked whole gives zeros"""
    hint = (
        "A masked key has no weight, and the other weights are as if it did not exist. A query "
        "that may look at nothing gets zeros."
    )
    expect_attended(student, list(masked(rng)), hint)


@points(1)
def test_attend_with_steep_scores(student, rng):
    """`attend` is right for scores in the thousands, also where the largest is masked"""
    hint = (
        "First pass the two checks of `attend` above. Then: is the largest score that is allowed taken "
        "away from each row before the exponential?"
    )
    expect_attended(student, list(steep(rng)), hint)


def expect_attended(student, cases, hint):
    try:
        ATTEND.expect(student, cases, hint)
    except (AssertionError, StudentError):
        if not all(is_attended_by_its_own(student, case) for case in cases) and not is_right_with(
            student, ATTEND, cases, ["scores"]
        ):
            raise


def is_attended_by_its_own(student, case):
    """Tell whether `attend` does rightly what the student's `scores`, if wrong, make of it.

    Scores that do not tell one key from another say nothing about `attend`.
    """
    q, k, v, *mask = case
    try:
        found = np.asarray(student.call("scores", q, k), "float64")
        value, changed = student.call_watched("attend", *case)
        told = difference(value, mixed(found, v, *mask), NEAR)
    except (StudentError, ValueError, TypeError, IndexError):
        return False
    tells = found.shape == fits(q, k).shape and (
        found.shape[-1] == 1 or np.ptp(found, axis=-1).all()
    )
    return bool(tells) and not told and not changed


@points(1)
def test_split_heads(student, rng):
    """`split_heads` is right for any number of heads"""
    cases = [(q, heads) for q, heads in arrays_and_heads(rng)]
    SPLIT.expect(student, cases, "Each head gets its columns of every position.")


@points(1)
def test_join_heads(student, rng):
    """`join_heads` is right for any number of heads"""
    cases = [(shared_out(x, heads),) for x, heads in arrays_and_heads(rng)]
    JOIN.expect(student, cases, "Each position gets back the columns of all heads, side by side.")


def arrays_and_heads(rng):
    sizes = [(1, 3, 4, 2), (2, 5, 6, 3), (3, 1, 6, 2), (1, 2, 5, 5), (2, 4, 3, 1)]
    for number, (b, n, d, heads) in enumerate(sizes):
        yield rng.normal(scale=10.0, size=(b, n, d)).astype(KINDS[number % 2]), heads


@points(2)
def test_multi_head_of_any_size(student, rng):
    """`multi_head` is right for any number of sequences, positions and heads"""
    expect_layer(student, list(sequences(rng)), "The picture in the notebook shows the steps.")


@points(1)
def test_causal_multi_head(student, rng):
    """`multi_head` with causal=True looks at no later position"""
    hint = "With causal=True, every head attends with the causal mask."
    expect_layer(student, list(sequences(rng, causal=True)), hint)


def expect_layer(student, cases, hint):
    try:
        LAYER.expect(student, cases, hint)
    except (AssertionError, StudentError):
        if not is_layer_by_its_own(student, cases) and not is_right_with(
            student, LAYER, cases, list(PARTS)
        ):
            raise


def is_layer_by_its_own(student, cases):
    """Tell whether `multi_head` does rightly what the student's functions make of it.

    A mistake in these has cost its points already. All that `multi_head` takes has to matter for
    what they make, or else they say nothing about `multi_head`.
    """
    try:
        goals = [layer_of(student, *case) for case in cases]
        for case, goal in zip(cases, goals, strict=True):
            value, changed = student.call_watched("multi_head", *case)
            if changed or difference(value, goal, NEAR):
                return False
        others = [layer_of(student, *other) for other in variations(cases[0])]
        return all(difference(other, goals[0], NEAR) for other in others)
    except (StudentError, ValueError, TypeError, IndexError):
        return False


def layer_of(student, x, wq, wk, wv, wo, heads, causal=False):
    """Return what the student's own functions make of a layer."""
    q, k, v = (student.call("split_heads", x @ w, heads) for w in (wq, wk, wv))
    mask = [student.call("causal_mask", x.shape[1])] if causal else []
    joined = student.call("join_heads", student.call("attend", q, k, v, *mask))
    return np.asarray(joined) @ wo


def variations(case):
    """Yield the case with another matrix in each place, with other heads, and without its mask."""
    for place in (1, 2, 3, 4):
        yield (*case[:place], case[place][::-1].copy(), *case[place + 1 :])
    yield (*case[:5], 1, *case[6:])
    if len(case) == 7:
        yield case[:6]


@points(1)
def test_positions_of_any_size(student, rng):
    """`positions` are right for any even width, also for a single position"""
    drawn = [
        (int(n), 2 * int(half))
        for n, half in zip(rng.integers(7, 60, 3), rng.integers(3, 9, 3), strict=True)
    ]
    POSITIONS.expect(student, [(1, 2), (5, 2), (1, 6), *drawn])
