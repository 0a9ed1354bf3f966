"""The oracles of attention against Keras's own attention, and honest float32 answers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from autograder import expect
from tests.with_keras.exercises.hidden_checks import hidden_checks

hidden = hidden_checks("attention")
SEEDS = range(5)

Array = np.ndarray[Any, Any]


def assert_near(value: Any, expected: Any, rtol: float = 1e-4) -> None:
    told = expect.difference(value, expected, hidden.OfTheLargest(rtol=rtol, atol=1e-9))
    assert not told, told


def layer_of_keras(x: Array, matrices: tuple[Array, ...], heads: int) -> Any:
    """Return Keras's layer with these four matrices, built for x."""
    d = x.shape[2]
    layer = keras.layers.MultiHeadAttention(heads, d // heads, use_bias=False, dtype="float64")
    layer.build(x.shape, x.shape)
    *inside, outside = matrices
    kernels = [matrix.reshape(d, heads, d // heads) for matrix in inside]
    layer.set_weights([*kernels, outside.reshape(heads, d // heads, d)])
    return layer


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("causal", [False, True])
def test_a_layer_is_that_of_keras(seed: int, *, causal: bool) -> None:
    for x, *matrices, heads in (
        case[:6] for case in hidden.sequences(np.random.default_rng(seed), causal=causal)
    ):
        layer = layer_of_keras(x, tuple(matrices), heads)
        found = keras.ops.convert_to_numpy(layer(x, x, use_causal_mask=causal))
        assert_near(found, hidden.layer(x, *matrices, heads, causal), rtol=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_attention_under_a_mask_is_that_of_keras(seed: int) -> None:
    """With unit matrices Keras's layer attends to what it gets; it gives no row of zeros."""
    rng = np.random.default_rng(seed)
    unit = (np.eye(6),) * 4
    q, k, v = (rng.normal(size=(2, size, 6)) for size in (3, 5, 5))
    mask = rng.random((2, 3, 5)) < 0.5
    mask[..., 2] = True
    layer = layer_of_keras(q, unit, heads=1)
    found = keras.ops.convert_to_numpy(layer(q, v, k, attention_mask=mask))
    assert_near(found, hidden.attended(q, k, v, mask), rtol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_masked_key_is_as_if_it_were_not_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for *arrays, mask in [*hidden.masked(rng), *(c for c in hidden.steep(rng) if len(c) == 4)]:
        q, k, v = arrays
        result = hidden.attended(q, k, v, mask)
        allowed = np.broadcast_to(mask, (*q.shape[:-1], k.shape[-2]))
        for place in np.ndindex(q.shape[:-1]):
            keys = allowed[place]
            at, row = place[:-1], q[place][np.newaxis]
            alone = hidden.attended(row, k[at][keys], v[at][keys])[0] if keys.any() else 0
            np.testing.assert_allclose(result[place], alone, rtol=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_weight_of_steep_scores_overflows_and_some_largest_are_masked(seed: int) -> None:
    for q, k, v, *mask in hidden.steep(np.random.default_rng(seed)):
        found = hidden.fits(q, k)
        assert np.abs(found).max() > 1000
        assert np.isfinite(hidden.attended(q, k, v, *mask)).all()
        if mask:
            gap = found.max(axis=-1) - np.where(mask[0], found, -np.inf).max(axis=-1)
            assert gap.max() > 200  # e to the power of -200 is 0 beside 1, also in float64


@pytest.mark.parametrize("seed", SEEDS)
def test_heads_are_split_and_joined_as_slices_of_columns(seed: int) -> None:
    for x, heads in hidden.arrays_and_heads(np.random.default_rng(seed)):
        split, width = hidden.shared_out(x, heads), x.shape[2] // heads
        for head in range(heads):
            assert (split[:, head] == x[:, :, head * width : (head + 1) * width]).all()
        assert (hidden.put_together(split) == x).all()


@pytest.mark.parametrize("width", [2, 4, 6, 16])
def test_codes_turn_like_the_hands_of_clocks(width: int) -> None:
    """From each position to the next, each pair turns by the same angle; the codes begin at 0."""
    codes = hidden.codes(40, width)
    hands = codes[:, 1::2] + 1j * codes[:, 0::2]
    assert (hands[0] == 1).all()
    angles = np.array([10000 ** (-2 * pair / width) for pair in range(width // 2)])
    np.testing.assert_allclose(
        hands[1:] / hands[:-1], np.exp(1j * angles)[np.newaxis].repeat(39, 0)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_functions_that_stand_in_for_wrong_ones_are_right(seed: int) -> None:
    parts: dict[str, Any] = {}
    exec(hidden.RIGHT, parts)
    rng = np.random.default_rng(seed)
    for case in (*hidden.triples(rng), *hidden.masked(rng), *hidden.steep(rng)):
        assert_near(parts["attend"](*case), hidden.attended(*case), rtol=2e-5)
        assert_near(parts["scores"](*case[:2]), hidden.fits(*case[:2]), rtol=2e-5)
    for x, heads in hidden.arrays_and_heads(rng):
        split = parts["split_heads"](x, heads)
        assert_near(split, hidden.shared_out(x, heads))
        assert_near(parts["join_heads"](split), x)
    assert_near(parts["causal_mask"](seed + 1), hidden.allowed_back(seed + 1))
    assert set(hidden.PARTS) <= set(parts)


def float32_attended(q: Array, k: Array, v: Array, mask: Array | None = None) -> Array:
    """Return what attention gives where every number is a float32."""
    q, k, v = (one.astype("float32") for one in (q, k, v))
    found = q @ np.swapaxes(k, -1, -2) / np.sqrt(np.float32(q.shape[-1]))
    if mask is not None:
        found = np.where(mask, found, np.float32(-np.inf))
    largest = found.max(axis=-1, keepdims=True)
    powers = np.exp(found - np.where(np.isfinite(largest), largest, np.float32(0)))
    total = powers.sum(axis=-1, keepdims=True)
    mixed: Array = powers / np.where(total == 0, np.float32(1), total) @ v
    assert mixed.dtype == np.float32
    return mixed


@pytest.mark.parametrize("seed", range(30))
def test_honest_float32_answers_stay_far_within_the_tolerance(seed: int) -> None:
    rng = np.random.default_rng([17, seed])
    for case in (*hidden.triples(rng), *hidden.masked(rng), *hidden.steep(rng)):
        assert_near(float32_attended(*case), hidden.attended(*case), rtol=2e-5)
    for causal in (False, True):
        for x, *matrices, heads in (case[:6] for case in hidden.sequences(rng, causal=causal)):
            x32, *m32 = (one.astype("float32") for one in (x, *matrices))
            q, k, v = (hidden.shared_out(x32 @ matrix, heads) for matrix in m32[:3])
            mask = hidden.allowed_back(x.shape[1]) if causal else None
            found = hidden.put_together(float32_attended(q, k, v, mask)) @ m32[3]
            assert_near(found, hidden.layer(x, *matrices, heads, causal), rtol=2e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_matrix_of_scores_is_square_and_masks_have_many_shapes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert all(q.shape[-2] != k.shape[-2] != q.shape[-1] for q, k, _ in hidden.triples(rng))
    masks = [case[3] for case in hidden.masked(rng)]
    assert len({mask.ndim for mask in masks}) == 4
    assert {len(x) for x, *_ in hidden.sequences(rng)} >= {1, 2}
    for x, *_, heads in hidden.sequences(rng):
        assert x.shape[1] != x.shape[2]
        assert x.shape[2] % heads == 0
