"""Hostile descriptions: refused, whatever they hold, before they take memory or time."""

from __future__ import annotations

import copy
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers, ops

from autograder.errors import RefusedModel
from autograder.model.describing.describe import describe
from autograder.model.rebuilding.build import build, facts
from autograder.model.rebuilding.parse import parse
from autograder.model.rebuilding.spec import Caps

Description = dict[str, Any]


def _cnn() -> Any:
    x = keras.Input((8, 8, 1))
    h = layers.Conv2D(3, 3, activation="relu", kernel_regularizer="l2")(x / 255.0)
    h = layers.BatchNormalization()(layers.MaxPooling2D()(h))
    return keras.Model(x, layers.Dense(2, "softmax")(layers.Flatten()(h)))


def _sequence() -> Any:
    x = keras.Input((5,), dtype="int32")
    h = layers.Embedding(9, 4, mask_zero=True)(x)
    h = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(h)
    h = layers.MultiHeadAttention(2, 2)(h, h, use_causal_mask=True)
    return keras.Model(x, layers.RNN([layers.GRUCell(2), layers.LSTMCell(2)])(h))


def _operations() -> Any:
    x, y = keras.Input((4,)), keras.Input((4,))
    h = (x - np.arange(4.0)) / (y[:, ::-1] + 2)
    h = ops.concatenate([h, ops.where(h > 0, h, 1.0)], axis=-1)
    h = layers.Normalization(mean=1.0, variance=2.0)(ops.clip(h, -1, 1))
    return keras.Model([x, y], [layers.Dense(2)(h), ops.max(h, axis=1)])


MODELS: dict[str, Callable[[], Any]] = {
    "cnn": _cnn,
    "sequence": _sequence,
    "operations": _operations,
}


@cache
def _described(name: str) -> Description:
    return describe(MODELS[name]())


def described(name: str = "cnn") -> Description:
    return copy.deepcopy(_described(name))


def dense(**changes: Any) -> Description:
    """A description of a dense layer, with its settings changed."""
    description = describe(keras.Sequential([keras.Input((4,)), layers.Dense(3)]))
    description["layers"][1]["config"] |= changes
    return description


def single(class_name: str, config: dict[str, Any], shape: list[int | None]) -> Description:
    """A description of a layer without weights on an input."""
    source = dense()
    entry, layer = source["layers"]
    entry["config"]["shape"] = shape
    layer |= {"class": class_name, "config": config, "weights": []}
    return source


def operation(name: str, args: list[Any], **config: Any) -> Description:
    """A description of an operation on an input of shape (4,)."""
    source = single("Identity", {}, [4])
    node = {"layer": -1, "op": name, "config": config, "args": args, "kwargs": {}}
    source["nodes"].append(node)
    source["outputs"] = [{"tensor": [2, 0]}]
    return source


X = {"tensor": [1, 0]}

EVIL = st.one_of(
    st.sampled_from(
        [
            None,
            True,
            -1,
            0,
            1,
            2,
            7,
            10**5,
            10**9,
            2**62,
            0.5,
            -1e30,
            float("nan"),
            float("inf"),
            "",
            "relu",
            "/etc/passwd",
            "Lambda",
            "Dense",
            "float64",
            "../x" * 30,
            [],
            {},
            [[]],
            {"tensor": [0, 0]},
            {"tensor": [99, 0]},
            {"tensor": [0, 9]},
            {"tensor": 3},
            {"slice": [0, None, 0]},
            {"ellipsis": None},
            {"class_name": "Lambda", "config": {}},
        ]
    ),
    st.builds(lambda: np.zeros((3, 3), "float32")),
    st.builds(lambda: np.full((2,), np.nan)),
    st.builds(lambda: np.zeros((0,), "int64")),
    st.builds(lambda: np.array(["a"])),
    st.builds(lambda: np.array([object()])),
    st.lists(st.integers(-2, 4), max_size=4),
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    paths = [path] if path else []
    items: Any = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, element in items:
        paths += _paths(element, (*path, key))
    return paths


def _mutate(value: Any, path: tuple[Any, ...], how: str, evil: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    if how == "delete":
        del value[path[-1]]
    elif how == "add" and isinstance(value, dict):
        value["unknown" if evil is None else str(evil)[:8]] = evil
    elif how == "add":
        value.insert(path[-1], evil)
    else:
        value[path[-1]] = evil


@pytest.mark.parametrize("name", MODELS)
@given(data=st.data())
@settings(
    max_examples=150,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_a_mutated_description_is_refused_or_builds(name: str, data: st.DataObject) -> None:
    changed = described(name)
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(_paths(changed)))
        how = data.draw(st.sampled_from(["replace", "replace", "replace", "delete", "add"]))
        _mutate(changed, path, how, copy.deepcopy(data.draw(EVIL)))
    try:
        spec = parse(changed)
        model = build(spec)
    except RefusedModel:
        return
    graph = facts(spec, model)
    assert graph.params == model.count_params()
    assert len(graph.output_shapes) == len(model.outputs)


@given(
    value=st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(
                st.sampled_from(["format", "layers", "nodes", "inputs", "outputs", "class", "op"]),
                inner,
                max_size=6,
            ),
        ),
        max_leaves=20,
    )
)
@settings(max_examples=200, derandomize=True, database=None)
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(RefusedModel):
        parse(value)


@pytest.mark.parametrize(
    "class_name",
    [
        "Lambda",
        "TFSMLayer",
        "TorchModuleWrapper",
        "FlaxLayer",
        "JaxLayer",
        "Pipeline",
        "Wrapper",
        "Layer",
        "FeatureSpace",
        "StringLookup",
        "TextVectorization",
        "Sequential",
        "Functional",
        "GRUCell",
        "keras.layers.Dense",
        "__class__",
        "Constant",
    ],
)
def test_a_class_that_is_not_listed_is_refused(class_name: str) -> None:
    with pytest.raises(RefusedModel):
        build(parse(single(class_name, {}, [4])))


@pytest.mark.parametrize(
    "changes",
    [
        {"units": 0},
        {"units": -1},
        {"units": True},
        {"units": 3.0},
        {"units": "3"},
        {"units": 2**40},
        {"activation": {"class_name": "function", "config": "keras.utils.get_file"}},
        {"activation": "keras.utils.get_file"},
        {"activation": "__lambda__"},
        {"activation": "/etc/passwd"},
        {"activation": None},
        {"kernel_initializer": "zeros"},
        {"kernel_initializer": {"class_name": "function", "config": "x"}},
        {"kernel_regularizer": {"class_name": "L2", "config": {}}},
        {"kernel_regularizer": {"l1": float("nan")}},
        {"registered_name": "package>Layer"},
        {"build_config": {}},
        {"lora_rank": 4},
        {"quantization_config": {}},
        {"name": "../../x"},
        {"dtype": "float32"},
        {"function": "x"},
        {"module": "os"},
    ],
)
def test_a_setting_that_is_not_listed_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RefusedModel):
        build(parse(dense(**changes)))


@pytest.mark.parametrize(
    "dtype", ["int4", "float8", "string", "quantized", "", None, {"name": "x"}]
)
def test_a_type_that_is_not_listed_is_refused(dtype: Any) -> None:
    description = dense()
    description["layers"][1]["dtype"] = dtype
    with pytest.raises(RefusedModel):
        parse(description)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.full((4, 3), np.nan, "float32"), "NaN"),
        (np.full((4, 3), np.inf, "float32"), "infinity"),
        (np.zeros((3, 4), "float32"), "shape"),
        (np.zeros((4, 3, 1), "float32"), "shape"),
        (np.array([["a"]]), "numbers"),
        (np.zeros((4, 3), "complex64"), "numbers"),
        ([[0.0] * 3] * 4, "numbers"),
        (None, "numbers"),
    ],
)
def test_weights_of_the_wrong_kind_are_refused(value: Any, words: str) -> None:
    description = dense()
    description["layers"][1]["weights"][0]["value"] = value
    with pytest.raises(RefusedModel, match=words):
        build(parse(description))


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "has no weights yet"),
        (1, "comes with one array"),
        (3, "comes with 3 arrays .* makes 2 arrays"),
    ],
)
def test_a_wrong_number_of_weights_is_refused(count: int, words: str) -> None:
    description = dense()
    description["layers"][1]["weights"] = (description["layers"][1]["weights"] * 2)[:count]
    description["layers"][1]["name"] = "hidden"
    with pytest.raises(RefusedModel, match=f"the Dense layer 'hidden' {words}"):
        build(parse(description))


def test_a_weight_of_the_wrong_shape_is_refused() -> None:
    description = dense()
    description["layers"][1]["weights"][0]["value"] = np.zeros((5, 3), "float32")
    words = r"'kernel' of the Dense layer '.*' has shape \(5, 3\), but its input needs \(4, 3\)"
    with pytest.raises(RefusedModel, match=words):
        build(parse(description))


def _cyclic() -> Description:
    description = described()
    description["nodes"][2]["args"] = [{"tensor": [3, 0]}]
    return description


def _dead_layer() -> Description:
    description = dense()
    description["layers"].append(description["layers"][1])
    return description


def _dead_node() -> Description:
    description = dense()
    description["nodes"].append(description["nodes"][1])
    return description


def _no_inputs() -> Description:
    description = dense()
    description["inputs"] = []
    return description


def _false_input() -> Description:
    description = dense()
    description["inputs"] = [1]
    return description


@pytest.mark.parametrize("make", [_cyclic, _dead_layer, _dead_node, _no_inputs, _false_input])
def test_a_graph_that_is_none_is_refused(make: Callable[[], Description]) -> None:
    with pytest.raises(RefusedModel):
        parse(make())


def test_too_large_a_model_is_refused() -> None:
    for caps in (Caps(layers=1), Caps(nodes=1), Caps(params=14)):
        with pytest.raises(RefusedModel):
            parse(dense(), caps)
    with pytest.raises(RefusedModel, match="numbers for one example"):
        build(parse(dense(), Caps(elements=2)))


BOMBS: dict[str, Callable[[], Description]] = {
    "Dense": lambda: dense(units=2**24),
    "Dense without weights": lambda: single(
        "Dense", {"units": 2**24, "activation": "relu"}, [2**24]
    ),
    "Embedding": lambda: single("Embedding", {"input_dim": 2**31, "output_dim": 2**20}, [4]),
    "LSTM": lambda: single("SimpleRNN", {"units": 2**20, "activation": "tanh"}, [4, 4]),
    "RepeatVector": lambda: single("RepeatVector", {"n": 10**9}, [4]),
    "UpSampling1D": lambda: single("UpSampling1D", {"size": 10**7}, [9, 4]),
    "UpSampling2D": lambda: single("UpSampling2D", {"size": [10**4, 10**4]}, [4, 4, 1]),
    "ZeroPadding2D": lambda: single(
        "ZeroPadding2D", {"padding": [[10**5, 10**5], [10**5, 10**5]]}, [4, 4, 1]
    ),
    "Resizing": lambda: single("Resizing", {"height": 10**6, "width": 10**6}, [4, 4, 1]),
    "CategoryEncoding": lambda: single(
        "CategoryEncoding", {"num_tokens": 2**24, "output_mode": "one_hot"}, [16]
    ),
    "Conv2DTranspose": lambda: single(
        "Conv2DTranspose",
        {"filters": 1, "kernel_size": 2, "strides": 10**5, "activation": "linear"},
        [99, 99, 1],
    ),
    "Input": lambda: single("Identity", {}, [2**31, 2**31]),
    "Input and normalization": lambda: single("Normalization", {}, [2**31]),
    "tile": lambda: operation("Tile", [X], repeats=[1, 2**24]),
    "repeat": lambda: operation("Repeat", [X], repeats=2**24),
    "pad": lambda: operation("Pad", [X], pad_width=[[2**24, 0], [2**24, 0]], mode="constant"),
    "broadcast": lambda: operation("BroadcastTo", [X], shape=[2**24, 2**20, 4]),
    "one hot": lambda: operation("OneHot", [X], num_classes=2**24),
    "resize": lambda: operation("Resize", [X], size=[2**16, 2**16]),
    "outer": lambda: operation("Outer", [X, np.zeros(2**22, "float32")]),
    "ravel and repeat": lambda: operation("Repeat", [X], repeats=2**24, axis=0),
    "add": lambda: operation("Add", [{"tensor": [0, 0]}, np.zeros((2**22, 1), "float32")]),
    "einsum": lambda: operation("Einsum", [X, np.zeros(2**22, "f")], subscripts="ba,c->bac"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_takes_memory(name: str) -> None:
    description = BOMBS[name]()
    before, started = _peak(), time.perf_counter()
    if name in ("outer", "add", "einsum"):  # within the default cap
        with pytest.raises(RefusedModel):
            build(parse(description, Caps(elements=10**6)))
    else:
        with pytest.raises(RefusedModel):
            build(parse(description))
    assert time.perf_counter() - started < 2
    assert _peak() - before < 200 << 20
    # What was refused leaves nothing behind that a later model would initialize.
    assert build(parse(dense())).count_params() == 15
    assert _peak() - before < 200 << 20


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


AUDITED = """
import sys
import keras, numpy as np
from keras import layers, ops
from autograder.model.describing.describe import describe
from autograder.model.rebuilding.parse import parse
from autograder.model.rebuilding.build import build, facts

def model():
    x = keras.Input((8, 8, 1))
    h = layers.Conv2D(3, 3, activation="relu")((x - np.float32(3)) / 255.0)
    h = layers.Dropout(0.1)(layers.BatchNormalization()(h))
    h = layers.LSTM(3)(layers.Reshape((6, 18))(h))
    return keras.Model(x, layers.Dense(2, "softmax")(ops.log1p(ops.abs(h))))

description = describe(model())
build(parse(description))  # what Keras imports lazily is imported by now
description["layers"][0]["name"] = "../../etc/passwd"
seen = []
watched = ("open", "socket", "import", "pickle", "exec", "compile", "marshal", "subprocess", "os.")
sys.addaudithook(lambda event, args: event.startswith(watched) and seen.append((event, args)))
spec = parse(description)
facts(spec, build(spec))
print(seen)
"""


def test_rebuilding_opens_no_file_imports_nothing_and_unpickles_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AUDITED], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_parsing_needs_no_keras() -> None:
    code = (
        "import sys, autograder.model.rebuilding.parse, autograder.model.facts; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert not {"keras", "tensorflow"} & set(done.stdout.split())
