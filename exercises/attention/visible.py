"""Checks of attention that you can run yourself: the examples that the notebook works out on paper."""

import numpy as np

from autograder.checks import Oracle, points
from autograder.expect import Tolerance, difference

NEAR = Tolerance(rtol=1e-4, atol=1e-4)

LOG3 = np.log(3.0)
Q = np.array([[2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [-2.0, 0.0, 0.0, 0.0]])
K = np.array([[0.0, 0.0, 0.0, 0.0], [LOG3, 0.0, 0.0, 0.0]])
V = np.array([[4.0, 0.0], [0.0, 8.0]])
X = np.arange(1.0, 13.0).reshape(1, 3, 4)
HEADS = np.array([[[[1.0, 2], [5, 6], [9, 10]], [[3, 4], [7, 8], [11, 12]]]])


def expect(student, name, arguments, expected, hint=""):
    """Compare what your function returns for these arguments with what the notebook says."""
    oracle = Oracle(name, lambda *_: expected, NEAR, told=lambda _: "the example of the notebook")
    oracle.expect(student, [arguments], hint)


@points(1)
def test_scores(student):
    """`scores` of the example are the dot products divided by 2, the root of 4"""
    q = np.array([[1.0, 1, 1, 1], [2, 0, 0, 0]])
    k = np.array([[2.0, 0, 0, 0], [1, 1, 1, 1], [0, 2, 0, 2]])
    found = np.array([[1.0, 2, 2], [2, 1, 0]])
    expect(student, "scores", (q, k), found)
    hint = (
        "Here q has the shape (2, 2, 4) and k (2, 3, 4): a leading axis. `k.T` turns all axes "
        "around; `np.swapaxes(k, -1, -2)` only the last two."
    )
    both = np.stack([q, -q]), np.stack([k, k])
    expect(student, "scores", both, np.stack([found, -found]), hint)


@points(1)
def test_causal_mask(student):
    """`causal_mask(3)` lets each position look at itself and at those before, in booleans"""
    mask = student.causal_mask(3)
    told = difference(mask, np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]]), NEAR)
    assert not told, f"For n = 3, with True as 1 and False as 0: {told}."
    held = np.asarray(mask).dtype
    assert held.kind == "b", f"The mask should hold booleans, True and False; yours holds {held}."


@points(1)
def test_attend(student):
    """`attend` of the example mixes the values in the right proportions"""
    hint = (
        "The notebook has the scores and the weights on the way. Which is the first that differs?"
    )
    expect(student, "attend", (Q, K, V), np.array([[1.0, 6], [2, 4], [3, 2]]), hint)


@points(1)
def test_mask(student):
    """`attend` of the example with the mask: masked keys have no weight, a masked row gives zeros"""
    mask = np.array([[True, True], [True, False], [False, False]])
    hint = (
        "Which row differs? 1: do the scores pass? 2: the mask comes before softmax. "
        "3: a row masked whole gives zeros."
    )
    expect(student, "attend", (Q, K, V, mask), np.array([[1.0, 6], [4, 0], [0, 0]]), hint)


@points(1)
def test_heads(student):
    """`split_heads` gives each head its columns of every position, and `join_heads` undoes it"""
    expect(student, "split_heads", (X, 2), HEADS, "A reshape alone does not do it.")
    expect(student, "join_heads", (HEADS,), X, "A reshape alone does not do it.")


@points(1)
def test_multi_head(student):
    """`multi_head` of the example, without and with the causal mask"""
    x = np.zeros((1, 2, 8))
    x[0, 0, 5] = x[0, 1, 0] = 1
    wq, wk, wo = 2 * LOG3 * np.eye(8), np.eye(8), np.roll(np.eye(8), 4, axis=0)
    wv = np.diag([4.0] * 4 + [8.0] * 4)
    hint = (
        "`multi_head` is right only if the functions that it calls are: do they pass their checks? "
        "Then: split, attend, join, and at the end `@ wo`."
    )
    expected = np.array([[[0.0, 6, 0, 0, 2, 0, 0, 0], [0, 4, 0, 0, 3, 0, 0, 0]]])
    expect(student, "multi_head", (x, wq, wk, wv, wo, 2), expected, hint)
    hint = f"With causal=True, position 0 looks at itself only. {hint}"
    expected[0, 0] = [0, 8, 0, 0, 0, 0, 0, 0]
    expect(student, "multi_head", (x, wq, wk, wv, wo, 2, True), expected, hint)


@points(1)
def test_positions(student):
    """`positions(3, 4)` has sines in the even columns and cosines in the odd ones"""
    angles = np.array([[0.0, 0.0], [1.0, 0.01], [2.0, 0.02]])
    sines, cosines = np.sin(angles), np.cos(angles)
    columns = [sines[:, 0], cosines[:, 0], sines[:, 1], cosines[:, 1]]
    expect(student, "positions", (3, 4), np.array(columns).T)
