"""Private names of Keras and TensorFlow: each still does what the package needs, in one file."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from autograder import PACKAGE
from autograder.model import keras_internals
from autograder.model.describing import tensorflow_calls, tensorflow_twins

INTERNALS = PACKAGE / "model" / "keras_internals.py"
VERSIONS = f"Keras {keras.__version__}, TensorFlow {tf.__version__}"


def _layers_within() -> None:
    hidden = layers.Dense(2)
    wrapper = layers.TimeDistributed(hidden)
    model = keras.Sequential([keras.Input((3, 2)), wrapper])
    assert {id(model), id(wrapper), id(hidden)} <= {
        id(layer) for layer in keras_internals.layers_within(model)
    }


def _shapes_at_build() -> None:
    layer = layers.Dense(1)
    assert keras_internals.shapes_at_build(layer) == []
    layer.build((None, 3))
    assert keras_internals.shapes_at_build(layer) == [(None, 3)]


def _functional_class() -> None:
    x = keras.Input((3,))
    assert isinstance(keras.Model(x, layers.Dense(1)(x)), keras_internals.functional_class())
    assert not isinstance(keras.Sequential(), keras_internals.functional_class())


def _graph_of_sequential() -> None:
    model = keras.Sequential([layers.Dense(1)])
    assert keras_internals.graph_of_sequential(model) is None
    model.build((None, 3))
    graph = keras_internals.graph_of_sequential(model)
    assert [tuple(symbol.shape) for symbol in graph.inputs] == [(None, 3)]
    assert [tuple(symbol.shape) for symbol in graph.outputs] == [(None, 1)]


def _maker_of() -> None:
    x, layer = keras.Input((3,)), layers.Dense(1)
    assert keras_internals.maker_of(layer(x)) is layer
    assert isinstance(keras_internals.maker_of(x), layers.InputLayer)
    assert keras_internals.maker_of(keras.KerasTensor((2,))) is None


def _call_that_made() -> None:
    x, layer = keras.Input((3,)), layers.Dense(1)
    layer(x)
    y = layer(x, training=False)
    call = keras_internals.call_that_made(y)
    assert call.operation is layer
    assert [id(symbol) for symbol in call.outputs] == [id(y)]
    assert [id(symbol) for symbol in call.arguments.keras_tensors] == [id(x)]
    assert [id(value) for value in call.arguments.args] == [id(x)]
    assert call.arguments.kwargs == {"training": False}


def _recorded_calls() -> None:
    first, second = layers.Dense(2), layers.Dense(1)
    y = second(first(keras.Input((3,))))
    call = keras_internals.call_that_made(y)
    _, outbound = keras_internals.recorded_calls(first)
    inbound, _ = keras_internals.recorded_calls(second)
    assert outbound == [call]
    assert inbound == [call]
    del inbound[:]
    assert keras_internals.recorded_calls(second)[0] == []


def _is_of_keras() -> None:
    class Own(layers.Layer):
        pass

    call = keras_internals.call_that_made(keras.Input((3,)) + 1)
    assert keras_internals.is_of_keras(call.operation)
    assert not keras_internals.is_of_keras(Own())


def _convert_to_tensor_class() -> None:
    symbol = ops.convert_to_tensor(keras.Input((3,)), dtype="float16")
    assert type(keras_internals.maker_of(symbol)) is keras_internals.convert_to_tensor_class()


def _reshape_class() -> None:
    operation = keras_internals.maker_of(ops.reshape(keras.Input((6,)), (-1, 2, 3)))
    assert type(operation) is keras_internals.reshape_class()
    assert operation.newshape == (-1, 2, 3)
    made = operation.compute_output_spec(keras.KerasTensor((5, 6)))
    assert tuple(made.shape) == (5, 2, 3)


def _mask_of() -> None:
    symbol = layers.Embedding(9, 2, mask_zero=True)(keras.Input((4,), dtype="int32"))
    mask = keras_internals.mask_of(symbol)
    assert (tuple(mask.shape), mask.dtype) == ((None, 4), "bool")
    assert keras_internals.mask_of(keras.Input((4,))) is None


def _set_mask() -> None:
    symbol, mask = keras.Input((4, 2)), keras.KerasTensor((None, 4), dtype="bool")
    keras_internals.set_mask(symbol, mask)
    call = keras_internals.call_that_made(layers.LSTM(3)(symbol))
    assert call.arguments.kwargs["mask"] is mask


def _autocast() -> None:
    weight = keras.Variable([1.0], dtype="float32")
    with keras_internals.autocast("float16"):
        assert keras.backend.standardize_dtype(weight.value.dtype) == "float16"
    assert keras.backend.standardize_dtype(weight.value.dtype) == "float32"


def _stored_dtype() -> None:
    weight = keras.Variable([1.0], dtype="float32")
    with keras_internals.autocast("float16"):
        assert weight.dtype == "float16"
        assert keras_internals.stored_dtype(weight) == "float32"


def _valueless() -> Any:
    with keras.StatelessScope(initialize_variables=False):
        return keras.Variable(initializer="zeros", shape=(2,))


def _has_value() -> None:
    assert keras_internals.has_value(keras.Variable([1.0]))
    assert not keras_internals.has_value(_valueless())
    keras_internals.forget_valueless()


def _set_initializer() -> None:
    weight = _valueless()
    value = np.array([3.0, 4.0], "float32")
    keras_internals.set_initializer(weight, lambda *_, **__: ops.convert_to_tensor(value))
    keras_internals.create_value(weight)
    keras_internals.forget_valueless()
    assert np.array_equal(weight.numpy(), value)


def _create_value() -> None:
    weight = _valueless()
    keras_internals.create_value(weight)
    keras_internals.forget_valueless()
    assert keras_internals.has_value(weight)


def _forget_valueless() -> None:
    weight = _valueless()
    keras_internals.forget_valueless()
    with keras.StatelessScope(initialize_variables=True):
        pass  # its end would give a value to every weight on the list
    assert not keras_internals.has_value(weight)


def _clear_name_scopes() -> None:
    scope = keras.name_scope("left open")
    scope.__enter__()
    assert keras.Variable([1.0], name="w").path == "left open/w"
    keras_internals.clear_name_scopes()
    assert keras.Variable([1.0], name="w").path == "w"


def _keep_inputs() -> None:
    plain, keeping = layers.Identity(dtype="float32"), layers.Identity(dtype="float32")
    keras_internals.keep_inputs(keeping)
    x = keras.Input((3,), dtype="float64")
    assert (plain(x).dtype, keeping(x).dtype) == ("float32", "float64")


def _keep_generators() -> None:
    def draw() -> list[Any]:
        return [np.asarray(draw((2,))) for draw in (keras.random.normal, tf.random.normal)]

    keras.utils.set_random_seed(3)
    draw()
    expected = draw()
    keras.utils.set_random_seed(3)
    draw()
    with keras_internals.keep_generators():
        keras.utils.set_random_seed(4)
        draw()
    assert np.array_equal(draw(), expected)


def _dispatching() -> None:
    calls: list[tuple[str, Any]] = []

    def handle(function: Any, args: Any, _kwargs: Any) -> Any:
        calls.append((function.__name__, args))
        return "handled" if isinstance(args[0], keras.KerasTensor) else NotImplemented

    symbol = keras.KerasTensor((2,))
    with keras_internals.dispatching(handle):
        assert tf.sqrt(symbol) == "handled"
        assert [(name, args[0]) for name, args in calls] == [("sqrt", symbol)]
        with pytest.raises((TypeError, ValueError)):
            tf.sqrt(object())
    count = len(calls)
    assert count > 1
    with pytest.raises(ValueError, match="KerasTensor"):
        tf.sqrt(symbol)
    assert len(calls) == count


def _public_names() -> None:
    assert "nn.relu" in keras_internals.public_names(inspect.unwrap(tf.nn.relu))
    assert "gather" in keras_internals.public_names(inspect.unwrap(tf.gather))
    assert keras_internals.public_names(len) == ()


def _symbolic_refusal() -> None:
    with pytest.raises(ValueError, match="KerasTensor") as caught:
        tf.sqrt(keras.Input((3,)))
    assert str(caught.value).startswith(keras_internals.SYMBOLIC_REFUSAL)


CANARIES: dict[str, Callable[[], None]] = {
    "SYMBOLIC_REFUSAL": _symbolic_refusal,
    "autocast": _autocast,
    "call_that_made": _call_that_made,
    "clear_name_scopes": _clear_name_scopes,
    "convert_to_tensor_class": _convert_to_tensor_class,
    "create_value": _create_value,
    "dispatching": _dispatching,
    "forget_valueless": _forget_valueless,
    "functional_class": _functional_class,
    "graph_of_sequential": _graph_of_sequential,
    "has_value": _has_value,
    "is_of_keras": _is_of_keras,
    "keep_generators": _keep_generators,
    "keep_inputs": _keep_inputs,
    "layers_within": _layers_within,
    "maker_of": _maker_of,
    "mask_of": _mask_of,
    "public_names": _public_names,
    "recorded_calls": _recorded_calls,
    "reshape_class": _reshape_class,
    "set_initializer": _set_initializer,
    "set_mask": _set_mask,
    "shapes_at_build": _shapes_at_build,
    "stored_dtype": _stored_dtype,
}


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE.parent).as_posix(), ast.parse(path.read_text("utf-8"))


@functools.cache
def _functions_by_name() -> dict[str, set[str]]:
    """Return for each name and attribute of the package the functions whose code holds it."""
    found: dict[str, set[str]] = {}
    for path, tree in _sources():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    name = getattr(node, "attr", None) or getattr(node, "id", None)
                    if name:
                        found.setdefault(name, set()).add(f"{path}: {function.name}")
    return found


def _users(name: str) -> list[str]:
    """Return the functions of the package that name something of keras_internals."""
    own = "autograder/model/keras_internals.py: "
    users = _functions_by_name().get(name, set())
    return sorted(user for user in users if not user.startswith(own))


def _report(name: str, error: BaseException) -> str:
    documentation = inspect.getdoc(getattr(keras_internals, name)) or ""
    private = " ".join(documentation.partition("Private:")[2].split()) or "the text of an error"
    return (
        f"{VERSIONS}: keras_internals.{name} does not work any more ({type(error).__name__}: "
        f"{error}).\nIt rests on {private}\nIt is needed by {'; '.join(_users(name))}"
    )


def test_every_internal_has_a_canary_and_a_user() -> None:
    assert sorted(keras_internals.__all__) == sorted(CANARIES)
    assert [name for name in CANARIES if not _users(name)] == []


@pytest.mark.parametrize("name", CANARIES)
def test_canary(name: str) -> None:
    try:
        CANARIES[name]()
    except Exception as error:  # whatever broke, the report says what rests on it
        pytest.fail(_report(name, error))


def test_a_canary_reports_the_name_its_users_and_the_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("keras.src.ops.numpy.Reshape")
    with pytest.raises(ImportError) as caught:
        keras_internals.reshape_class()
    report = _report("reshape_class", caught.value)
    assert "keras.src.ops.numpy.Reshape" in report
    assert "autograder/model/describing/tracing.py: _settled_reshapes" in report
    assert keras.__version__ in report


def _functions_of_tensorflow() -> set[str]:
    spaces = (tf, tf.math, tf.nn, tf.image, tf.linalg)
    return {getattr(f, "__name__", "") for space in spaces for f in vars(space).values()}


def test_tensorflow_functions_keep_their_inner_names() -> None:
    names = tensorflow_calls.TWINS.keys() | tensorflow_twins.SPECIAL.keys()
    gone = sorted(names - _functions_of_tensorflow())
    assert not gone, f"{VERSIONS}: no function is called {gone} inside; describing relies on it"


def _private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _private_names() -> frozenset[str]:
    """Return the private attributes of live objects of Keras, and those keras_internals uses."""
    x = keras.Input((3,))
    y = layers.Dense(1)(x)
    model = keras.Sequential([x, layers.Dense(1)])
    subjects = [x, y, model, keras.Model(x, y), model.layers[0], keras.Variable([1.0])]
    subjects += [keras_internals.maker_of(x + 1), keras_internals.call_that_made(y)]
    names = {name for subject in subjects for name in dir(subject)}
    return frozenset(filter(_private, names | _used(ast.parse(INTERNALS.read_text("utf-8")))))


def _used(tree: ast.AST) -> set[str]:
    """Return the names of attributes and the texts in a file."""
    nodes = list(ast.walk(tree))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)} | {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _own_attributes(tree: ast.AST) -> set[int]:
    """Return the ids of the nodes `self._name` in classes that do not derive from Keras's."""
    return {
        id(node)
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        and not any("keras" in ast.unparse(base) for base in owner.bases)
        for node in ast.walk(owner)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("self", "cls")
    }


def _intrusions(tree: ast.AST, names: frozenset[str]) -> Iterator[str]:
    """Yield each use of a private module, attribute or attribute's name of Keras or TensorFlow."""
    own = _own_attributes(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            modules = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            yield from (m for m in modules if m.startswith(("keras.src", "tensorflow.python")))
        elif isinstance(node, ast.Attribute):
            path = ast.unparse(node)
            private = node.attr in names and id(node) not in own
            if private or path in ("keras.src", "tf.python", "tensorflow.python"):
                yield path
        elif isinstance(node, ast.Call | ast.Subscript):  # getattr(x, "_name"), vars(x)["_name"]
            texts = node.args if isinstance(node, ast.Call) else [node.slice]
            named = [text.value for text in texts if isinstance(text, ast.Constant)]
            function = ast.unparse(node.func) if isinstance(node, ast.Call) else "[]"
            if function in ("getattr", "setattr", "hasattr", "delattr", "[]"):
                yield from (f"{function} {name}" for name in named if name in names)


# (file, use): why a private name stands outside of keras_internals.
ALLOWED: dict[tuple[str, str], str] = {}


def test_private_names_stand_in_one_file() -> None:
    names = _private_names()
    assert {"_keras_history", "_flatten_layers", "_value", "_GLOBAL_DISPATCHERS"} <= names
    uses = {
        (path, use)
        for path, tree in _sources()
        if PACKAGE.parent / path != INTERNALS
        for use in _intrusions(tree, names)
    }
    assert uses == ALLOWED.keys()


@pytest.mark.parametrize(
    "code",
    [
        "from keras.src.backend import get_keras_mask",
        "import tensorflow.python.util.dispatch",
        "keras.src.backend",
        "layer._inbound_nodes",
        "getattr(symbol, '_keras_history', None)",
        "vars(model)['_functional']",
        "class L(keras.layers.Layer):\n    def f(self):\n        self._convert_input_args = False",
    ],
)
def test_an_intrusion_is_seen(code: str) -> None:
    assert list(_intrusions(ast.parse(code), _private_names()))


def test_a_private_name_of_our_own_is_no_intrusion() -> None:
    code = "class Walker:\n    def f(self):\n        return self._build + self._layers"
    assert not list(_intrusions(ast.parse(code), _private_names()))
