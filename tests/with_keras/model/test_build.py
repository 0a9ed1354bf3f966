"""Every allow-listed layer family: the rebuilt layer computes the outputs of the live layer."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers, ops

from autograder.model.allowlist.operations import OPERATIONS
from autograder.model.allowlist.rules import ACTIVATIONS
from autograder.model.allowlist.table import INPUT, LAYERS, NESTED_ONLY, VARIABLE
from autograder.model.describing.describe import describe
from autograder.model.rebuilding.build import build, facts
from autograder.model.rebuilding.parse import parse
from autograder.wire import decode, encode
from autograder.worker.evaluator import EvaluatorWorker

Shapes = list[tuple[int | None, ...]]
Drawn = tuple[dict[str, Any], Shapes]
few = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

flag = st.booleans()
small = st.integers(1, 4)
rate = st.sampled_from([0.0, 0.3])
activation = st.sampled_from(sorted(set(ACTIVATIONS) - {"glu", "threshold"}))
gate = st.sampled_from(["sigmoid", "tanh", "hard_sigmoid", "relu"])
epsilon = st.sampled_from([1e-3, 1e-5])
regularizer = st.sampled_from([None, "l2", keras.regularizers.L1L2(0.1, 0.2)])
policy = st.sampled_from(["float32", "float32", "float64"])


def over_the_wire(value: Any) -> Any:
    buffers = b"".join(bytes(part) for part in encode(value))
    return decode(io.BytesIO(buffers).read)


def shape(rank: int, least: int = 4, channels: int | None = None) -> Any:
    """Draw an input shape with `rank` axes before the channels."""
    axes = [st.integers(least, least + 3)] * rank
    last = st.integers(1, 3) if channels is None else st.just(channels)
    return st.tuples(*axes, last).map(lambda dims: [dims])


def spec(shapes: Any, **config: Any) -> Any:
    return st.tuples(st.fixed_dictionaries(config), shapes)


def _window(rank: int) -> Any:
    return st.one_of(st.integers(1, 3), st.tuples(*[st.integers(1, 3)] * rank))


def _strides(drawn: Any) -> Any:
    """Strides and dilation exclude each other in Keras."""
    pairs = st.sampled_from([(1, 1), (2, 1), (1, 2)])
    return st.tuples(drawn, pairs).map(
        lambda both: (
            {**both[0][0], "strides": both[1][0], "dilation_rate": both[1][1]},
            both[0][1],
        )
    )


def conv(rank: int, **more: Any) -> Any:
    padding = ["valid", "same", "causal"] if rank == 1 else ["valid", "same"]
    config = {
        "kernel_size": _window(rank),
        "padding": st.sampled_from(padding),
        "activation": activation,
        "use_bias": flag,
        "bias_regularizer": regularizer,
    }
    return _strides(spec(shape(rank, 7), **{**config, **more}))


def transposed(rank: int) -> Any:
    config = {
        "filters": small,
        "kernel_size": st.integers(2, 3),
        "strides": st.integers(1, 2),
        "padding": st.sampled_from(["valid", "same"]),
        "activation": activation,
        "use_bias": flag,
    }
    return spec(shape(rank), **config)


def pooling(rank: int) -> Any:
    return spec(
        shape(rank),
        pool_size=_window(rank),
        strides=st.one_of(st.none(), st.integers(1, 2)),
        padding=st.sampled_from(["valid", "same"]),
    )


def recurrent(**more: Any) -> Any:
    config = {
        "units": small,
        "activation": gate,
        "use_bias": flag,
        "return_sequences": flag,
        "go_backwards": flag,
        "return_state": flag,
        "unroll": flag,
        "dropout": rate,
        "recurrent_regularizer": regularizer,
    }
    return spec(shape(1), **{**config, **more})


def conv_recurrent(rank: int) -> Any:
    return spec(
        shape(rank + 1),
        filters=small,
        kernel_size=st.integers(1, 3),
        padding=st.sampled_from(["valid", "same"]),
        recurrent_activation=gate,
        return_sequences=flag,
        unit_forget_bias=flag,
    )


def merging(**more: Any) -> Any:
    dims = st.tuples(small, small)
    return spec(st.tuples(dims, st.integers(2, 3)).map(lambda p: [p[0]] * p[1]), **more)


def cell() -> Any:
    kinds = [layers.SimpleRNNCell, layers.GRUCell, layers.LSTMCell]
    return st.tuples(st.sampled_from(kinds), small, gate).map(
        lambda c: partial(c[0], c[1], activation=c[2])
    )


def sequence_layer() -> Any:
    kinds = [layers.SimpleRNN, layers.GRU, layers.LSTM]
    return st.tuples(st.sampled_from(kinds), small, flag).map(
        lambda c: partial(c[0], c[1], return_sequences=c[2])
    )


def _normalization() -> Any:
    return spec(
        shape(1, 4, 3),
        mean=st.sampled_from([None, 1.5, [1.0, 2.0, 3.0]]),
        invert=flag,
    ).map(lambda d: ({**d[0], "variance": d[0]["mean"]}, d[1]))


def _attention_shapes() -> Any:
    return st.tuples(st.integers(2, 4), st.integers(2, 4), small).map(
        lambda d: [(d[0], d[2]), (d[1], d[2])]
    )


_border = st.sampled_from(["valid", "same"])
_pair = st.tuples(st.integers(0, 1), st.integers(0, 1))
_axis = st.sampled_from([-1, 1])
_over = st.sampled_from([-1, 1, [1, 2]])
_order = st.sampled_from([(1, 2), (2, 1)])
_crop = spec(shape(2, channels=1), height=st.just(3), width=st.just(4))
_image = st.sampled_from(["bilinear", "nearest"])

DRAWS: dict[str, Any] = {
    "Dense": spec(
        shape(1), units=small, activation=activation, use_bias=flag, kernel_regularizer=regularizer
    ),
    "EinsumDense": st.sampled_from(
        [
            ({"equation": "abc,cd->abd", "output_shape": (None, 5), "bias_axes": "d"}, [(3, 2)]),
            ({"equation": "ab,bc->ac", "output_shape": 4, "activation": "relu"}, [(3,)]),
            ({"equation": "...x,xy->...y", "output_shape": 2}, [(3, 2)]),
        ]
    ),
    "Embedding": spec(shape(1), input_dim=st.integers(8, 12), output_dim=small, mask_zero=flag),
    "ReversibleEmbedding": spec(
        shape(1), input_dim=st.integers(8, 12), output_dim=small, tie_weights=flag
    ),
    "Activation": spec(shape(1), activation=activation),
    "ReLU": spec(
        shape(1),
        max_value=st.sampled_from([None, 1.0]),
        negative_slope=st.sampled_from([0.0, 0.2]),
        threshold=st.sampled_from([0.0, 0.5]),
    ),
    "LeakyReLU": spec(shape(1), negative_slope=rate),
    "ELU": spec(shape(1), alpha=st.sampled_from([1.0, 0.5])),
    "PReLU": spec(shape(1, 4, 3), shared_axes=st.sampled_from([None, [1]])),
    "Softmax": spec(shape(1), axis=_over),
    "Identity": spec(shape(1)),
    "Masking": spec(shape(1), mask_value=st.sampled_from([0.0, 1.0])),
    "Add": merging(),
    "Subtract": spec(st.just([(3, 2), (3, 2)])),
    "Multiply": merging(),
    "Average": merging(),
    "Maximum": merging(),
    "Minimum": merging(),
    "Concatenate": merging(axis=st.sampled_from([-1, 1, 2])),
    "Dot": spec(st.just([(3, 2), (3, 2)]), axes=st.sampled_from([1, 2, (1, 1)]), normalize=flag),
    "Flatten": spec(shape(2)),
    "Reshape": spec(st.just([(4, 3)]), target_shape=st.sampled_from([(12,), (-1, 2), (3, 4, 1)])),
    "Permute": spec(shape(1), dims=_order),
    "RepeatVector": spec(shape(0), n=small),
    "Cropping1D": spec(shape(1), cropping=st.one_of(st.integers(0, 1), _pair)),
    "Cropping2D": spec(shape(2), cropping=st.one_of(st.integers(0, 1), st.tuples(_pair, _pair))),
    "Cropping3D": spec(shape(3), cropping=st.integers(0, 1)),
    "ZeroPadding1D": spec(shape(1), padding=st.one_of(st.integers(0, 2), _pair)),
    "ZeroPadding2D": spec(shape(2), padding=st.one_of(st.integers(0, 2), st.tuples(_pair, _pair))),
    "ZeroPadding3D": spec(shape(3), padding=st.integers(0, 1)),
    "UpSampling1D": spec(shape(1), size=small),
    "UpSampling2D": spec(
        shape(2), size=st.one_of(small, st.tuples(small, small)), interpolation=_image
    ),
    "UpSampling3D": spec(shape(3, 2), size=st.integers(1, 2)),
    "BatchNormalization": spec(shape(1), axis=_axis, epsilon=epsilon, center=flag, scale=flag),
    "LayerNormalization": spec(shape(1), axis=_over, epsilon=epsilon, center=flag, scale=flag),
    "GroupNormalization": spec(shape(1, 4, 4), groups=st.sampled_from([2, 4, -1]), center=flag),
    "RMSNormalization": spec(shape(1), axis=st.sampled_from([-1, [1, 2]])),
    "UnitNormalization": spec(shape(1), axis=_over),
    "Normalization": _normalization(),
    "Rescaling": spec(
        shape(1, 4, 2),
        scale=st.sampled_from([2, 0.5, [1.0, 2.0]]),
        offset=st.sampled_from([0.0, [1, 2]]),
    ),
    **{name: spec(shape(1), rate=rate) for name in ("Dropout", "AlphaDropout", "GaussianDropout")},
    **{f"SpatialDropout{n}D": spec(shape(n), rate=rate) for n in (1, 2, 3)},
    "GaussianNoise": spec(shape(1), stddev=rate),
    "ActivityRegularization": spec(shape(1), l1=rate, l2=rate),
    **{f"Conv{n}D": conv(n, filters=small) for n in (1, 2, 3)},
    **{f"Conv{n}DTranspose": transposed(n) for n in (1, 2, 3)},
    **{
        f"DepthwiseConv{n}D": conv(
            n, padding=_border, kernel_size=st.just(2), depth_multiplier=small
        )
        for n in (1, 2)
    },
    **{
        f"SeparableConv{n}D": conv(n, padding=_border, kernel_size=st.just(3), filters=small)
        for n in (1, 2)
    },
    **{f"{kind}Pooling{n}D": pooling(n) for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{
        f"Global{kind}Pooling{n}D": spec(shape(n), keepdims=flag)
        for kind in ("Max", "Average")
        for n in (1, 2, 3)
    },
    **{
        f"Adaptive{kind}Pooling{n}D": spec(shape(n), output_size=st.integers(2, 3))
        for kind in ("Max", "Average")
        for n in (1, 2, 3)
    },
    "Resizing": spec(
        shape(2), height=small, width=small, interpolation=_image, crop_to_aspect_ratio=flag
    ),
    "CenterCrop": _crop,
    "RandomCrop": _crop,
    "RandomFlip": spec(shape(2), mode=st.sampled_from(["horizontal", "vertical"])),
    "RandomRotation": spec(shape(2), factor=st.sampled_from([0.1, (-0.2, 0.3)])),
    "RandomTranslation": spec(shape(2), height_factor=rate, width_factor=rate),
    "RandomZoom": spec(shape(2), height_factor=st.sampled_from([0.1, (-0.2, 0.3)])),
    "RandomContrast": spec(shape(2, channels=3), factor=st.sampled_from([0.1, (0.1, 0.2)])),
    "RandomBrightness": spec(shape(2, channels=3), factor=st.sampled_from([0.1, (-0.1, 0.2)])),
    "Discretization": spec(
        shape(1),
        bin_boundaries=st.just([0.5, 1.0, 2.0]),
        output_mode=st.sampled_from(["int", "one_hot"]),
    ).filter(lambda d: d[0]["output_mode"] == "int"),
    "CategoryEncoding": spec(
        shape(0, channels=3),
        num_tokens=st.integers(8, 9),
        output_mode=st.sampled_from(["multi_hot", "count"]),
    ),
    "Hashing": spec(shape(0, channels=3), num_bins=small, mask_value=st.sampled_from([None, 1])),
    "IntegerLookup": spec(
        shape(0, channels=3), vocabulary=st.just([3, 1, 5]), num_oov_indices=st.integers(1, 2)
    ),
    "SimpleRNN": recurrent(),
    "GRU": recurrent(recurrent_activation=gate, reset_after=flag),
    "LSTM": recurrent(recurrent_activation=gate, unit_forget_bias=flag),
    "ConvLSTM1D": conv_recurrent(1),
    "ConvLSTM2D": conv_recurrent(2),
    "ConvLSTM3D": conv_recurrent(3),
    "RNN": spec(
        shape(1),
        cell=st.one_of(cell(), st.lists(cell(), min_size=2, max_size=2)),
        return_sequences=flag,
    ),
    "Bidirectional": spec(
        shape(1), layer=sequence_layer(), merge_mode=st.sampled_from(["concat", "sum", "ave", None])
    ),
    "TimeDistributed": spec(
        shape(2), layer=st.sampled_from([partial(layers.Dense, 2), partial(layers.LSTM, 2)])
    ),
    "SpectralNormalization": spec(
        shape(2),
        layer=small.map(lambda n: partial(layers.Conv2D, n, 2)),
        power_iterations=st.integers(1, 2),
    ),
    "Attention": spec(
        _attention_shapes(),
        use_scale=flag,
        score_mode=st.sampled_from(["dot", "concat"]),
        dropout=rate,
    ),
    "AdditiveAttention": spec(_attention_shapes(), use_scale=flag),
    "MultiHeadAttention": spec(
        _attention_shapes(),
        num_heads=small,
        key_dim=small,
        value_dim=st.one_of(st.none(), small),
        use_bias=flag,
        output_shape=st.one_of(st.none(), small),
    ),
    "GroupQueryAttention": spec(
        _attention_shapes(),
        head_dim=small,
        num_query_heads=st.just(4),
        num_key_value_heads=st.sampled_from([1, 2, 4]),
        use_bias=flag,
    ),
}
WHOLE = {"Embedding", "ReversibleEmbedding", "CategoryEncoding", "Hashing", "IntegerLookup"}


def test_every_layer_of_the_allow_list_is_drawn() -> None:
    assert set(DRAWS) == set(LAYERS) - NESTED_ONLY - {INPUT, VARIABLE}


def _called(layer: Any, inputs: list[Any]) -> Any:
    if isinstance(layer, (layers.MultiHeadAttention, layers.GroupQueryAttention)):
        return layer(*inputs)
    several = LAYERS[type(layer).__name__].first == "tensors"
    return layer(inputs if several else inputs[0])


def _example(dims: tuple[int | None, ...], whole: bool, rng: Any) -> Any:
    size = (3, *(4 if n is None else n for n in dims))
    return rng.integers(0, 8, size) if whole else rng.normal(size=size).astype("float32")


def assert_same(live: Any, copy: Any, atol: float = 1e-6) -> None:
    for expected, actual in zip(keras.tree.flatten(live), keras.tree.flatten(copy), strict=True):
        expected, actual = ops.convert_to_numpy(expected), ops.convert_to_numpy(actual)
        assert expected.dtype == actual.dtype
        np.testing.assert_allclose(expected, actual, rtol=1e-5, atol=atol)


def predicted(copy: Any, inputs: list[Any]) -> Any:
    """Return what the evaluator answers, which calls no layer but traces a graph."""
    question = {"op": "predict", "model": 0, "inputs": inputs, "seed": 0}
    answer = EvaluatorWorker([copy]).handle(question)
    assert "outputs" in answer, answer
    return answer["outputs"]


@pytest.mark.parametrize("name", sorted(DRAWS))
@given(data=st.data())
@few
def test_rebuilt_layer_computes_the_same(name: str, data: st.DataObject) -> None:
    config, shapes = data.draw(DRAWS[name])
    config = keras.tree.map_structure(lambda v: v() if isinstance(v, partial) else v, config)
    rng = np.random.default_rng(0)
    dtype = "int64" if name in WHOLE else "float32"
    inputs = [keras.Input(dims, dtype=dtype) for dims in shapes]
    outputs = _called(getattr(layers, name)(**config), inputs)
    model = keras.Model(inputs[0] if len(inputs) == 1 else inputs, outputs)
    for variable in model.weights:
        if "float" in variable.dtype:
            noise = rng.uniform(0.1, 0.3, tuple(variable.shape))
            variable.assign(variable.numpy() + noise)
    if name == "Normalization":
        model.layers[1].finalize_state()
    read = parse(over_the_wire(describe(model)))
    copy = build(read)
    x = [_example(dims, name in WHOLE, rng) for dims in shapes]
    x = x[0] if len(x) == 1 else x
    expected = model(x, training=False)
    assert_same(expected, copy(x, training=False))
    # A graph sums in another order: normalizing what is all alike, that is what remains.
    assert_same(expected, predicted(copy, keras.tree.flatten(x)), atol=1e-4)
    graph = facts(read, copy)
    assert graph.params == model.count_params()
    assert graph.layers[-1].class_name == name
    assert graph.output_shapes == tuple(tuple(t.shape) for t in model.outputs)


UNARY = sorted(
    name
    for name, rule in OPERATIONS.items()
    if rule.least == rule.most == 1 and not rule.config and not rule.listed
)


def _operate(rule: Any, *args: Any, **config: Any) -> Any:
    function: Any = keras
    for part in rule.function.split("."):
        function = getattr(function, part)
    return function(*args, **config)


OPERATION_CASES: dict[str, Callable[[Any], Any]] = {
    "LeakyRelu": lambda x: ops.leaky_relu(x, 0.3),
    "Elu": lambda x: ops.elu(x, 0.5),
    "Celu": lambda x: ops.celu(x, 0.5),
    "Gelu": lambda x: ops.gelu(x, approximate=True),
    "Glu": lambda x: ops.glu(x, axis=-1),
    "HardShrink": lambda x: ops.hard_shrink(x, 0.1),
    "SoftShrink": lambda x: ops.soft_shrink(x, 0.1),
    "Squareplus": lambda x: ops.squareplus(x, 3),
    "Threshold": lambda x: ops.threshold(x, 0.1, 0.2),
    "ReLU": lambda x: keras.activations.relu(x, max_value=0.5, negative_slope=0.1),
    "Clip": lambda x: ops.clip(x, -0.5, np.full(4, 0.5, "float32")),
    "NanToNum": lambda x: ops.nan_to_num(ops.log(x - 1), nan=1.0, posinf=2.0, neginf=0.0),
    "Round": lambda x: ops.round(x, 1),
    "Cast": lambda x: ops.cast(x * 9, "int32"),
    "ZerosLike": lambda x: x + ops.zeros_like(x),
    "OnesLike": lambda x: x + ops.ones_like(x, dtype="float32"),
    "FullLike": lambda x: x * ops.full_like(x, 2.5),
    "Argmax": lambda x: ops.argmax(x, axis=-1),
    "Argmin": lambda x: ops.argmin(x, axis=1, keepdims=True),
    "Cumsum": lambda x: ops.cumsum(x, axis=1),
    "Cumprod": lambda x: ops.cumprod(x, axis=-1),
    "Softmax": lambda x: ops.softmax(x, axis=1),
    "LogSoftmax": lambda x: ops.log_softmax(x),
    "Norm": lambda x: ops.norm(x, axis=-1, keepdims=True),
    "Normalize": lambda x: ops.normalize(x, axis=-1),
    "Moments": lambda x: ops.moments(x, axes=[1])[1],
    "GetItem": lambda x: x[:, -1, ::2] + x[..., 0, None, 1:3],
    "Reshape": lambda x: ops.reshape(x, (-1, 4)),
    "Transpose": lambda x: ops.transpose(x, (0, 2, 1)),
    "Squeeze": lambda x: ops.squeeze(x[:, :1], axis=1),
    "ExpandDims": lambda x: ops.expand_dims(x, axis=2),
    "Concatenate": lambda x: ops.concatenate([x, np.ones((2, 3, 4), "float32"), x], axis=0),
    "Stack": lambda x: ops.stack([x, x * 2], axis=1),
    "Hstack": lambda x: ops.hstack([x, x]),
    "Vstack": lambda x: ops.vstack([x, x]),
    "Split": lambda x: ops.split(x, [1, 3], axis=2)[1],
    "Unstack": lambda x: ops.unstack(x, axis=1)[2],
    "Flip": lambda x: ops.flip(x, axis=1),
    "Roll": lambda x: ops.roll(x, 1, axis=2),
    "Moveaxis": lambda x: ops.moveaxis(x, 1, 2),
    "Swapaxes": lambda x: ops.swapaxes(x, 1, 2),
    "Repeat": lambda x: ops.repeat(x, 2, axis=1),
    "Tile": lambda x: ops.tile(x, (1, 2, 1)),
    "BroadcastTo": lambda x: ops.broadcast_to(ops.mean(x, axis=0, keepdims=True), (5, 3, 4)),
    "Pad": lambda x: ops.pad(x, ((0, 0), (1, 0), (0, 2)), constant_values=1.5),
    "Tril": lambda x: ops.tril(x, 1),
    "Triu": lambda x: ops.triu(x),
    "Take": lambda x: ops.take(x, np.array([2, 0]), axis=1),
    "Where": lambda x: ops.where(x > 0, x, -1.0),
    "OneHot": lambda x: ops.one_hot(ops.cast(x * 2, "int32"), 3),
    "Einsum": lambda x: ops.einsum("bij,jk->bik", x, np.ones((4, 2), "float32")),
    "MaxPool": lambda x: ops.max_pool(x, 2),
    "AveragePool": lambda x: ops.average_pool(x, 2, padding="same"),
    "Inner, of other lengths": lambda x: ops.inner(x, np.ones((7, 4), "float32")),
    "Resize": lambda x: ops.image.resize(ops.expand_dims(x, -1), (2, 2)),
}
TWO = sorted(
    name
    for name, rule in OPERATIONS.items()
    if rule.least == rule.most == 2 and name not in {*OPERATION_CASES, "GetItem", "WithMask"}
)
REDUCING = sorted(
    name
    for name, rule in OPERATIONS.items()
    if set(rule.config) == {"axis", "keepdims"} and name not in OPERATION_CASES
)


def _two(name: str, x: Any) -> Any:
    other = np.linspace(0.1, 2.0, 12).reshape(3, 4).astype("float32")
    if name.startswith("Logical"):
        return _operate(OPERATIONS[name], x > 0, other > 1)
    if name in ("Matmul", "Dot"):
        other = other.T
    if name in ("Inner",):
        return _operate(OPERATIONS[name], x, other)
    if name == "Outer":
        return ops.outer(x[0, 0], other[0])
    return _operate(OPERATIONS[name], x, other)


def _operation_models() -> dict[str, Callable[[Any], Any]]:
    models = {
        name: lambda x, n=name: _operate(OPERATIONS[n], x) for name in UNARY if name != "Constant"
    }
    models |= {
        name: lambda x, n=name: _operate(OPERATIONS[n], x, axis=(1,), keepdims=True)
        for name in REDUCING
    }
    models |= {
        f"{name}, over all": lambda x, n=name: _operate(OPERATIONS[n], x) for name in REDUCING
    }
    models |= {name: lambda x, n=name: _two(n, x) for name in TWO}
    return {**models, **OPERATION_CASES}


MADE = _operation_models()


def test_every_operation_of_the_allow_list_is_tried() -> None:
    assert {name.split(",")[0] for name in MADE} == set(OPERATIONS) - {"Constant", "WithMask"}


@pytest.mark.parametrize("name", sorted(MADE))
def test_rebuilt_operation_computes_the_same(name: str) -> None:
    x = keras.Input((3, 4))
    start = x > 0 if name == "LogicalNot" else x
    model = keras.Model(x, MADE[name](start))
    spec_ = parse(over_the_wire(describe(model)))
    assert any(node.op == name.split(",")[0] for node in spec_.nodes)
    copy = build(spec_)
    data = np.random.default_rng(0).uniform(0.05, 0.9, (3, 3, 4)).astype("float32")
    assert_same(model(data), copy(data))
    assert_same(model(data), EvaluatorWorker([copy]).forward(0, None, [data])(data))
