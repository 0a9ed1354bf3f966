"""Reading one live layer or operation: its settings and weights as plain values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Set
from typing import Any

import keras
import numpy as np

from autograder.errors import RefusedModel, UndescribableModel
from autograder.model.allowlist.fields import MAX_CONSTANT, Field
from autograder.model.allowlist.layers_image import ALWAYS_ACTING, AUGMENTING
from autograder.model.allowlist.operations import OperationRule
from autograder.model.allowlist.rules import LayerRule
from autograder.model.allowlist.table import LAYERS
from autograder.model.describing.activation_names import activation_name
from autograder.wire import Value

_NEVER_SENT = ("name", "dtype", "trainable", "seed", "activity_regularizer")
_OTHER_NAMES = {"GroupedQueryAttention": "GroupQueryAttention"}
_NESTED_AT = {"Bidirectional": {"layer": "forward_layer"}}


def layer_settings(layer: Any, rule: LayerRule) -> tuple[dict[str, Value], Any]:
    """Return the settings of an allow-listed layer, and its activation if that has no name."""
    found: dict[str, Value] = {}
    unnamed = None
    for name, value in _own_config(layer).items():
        if name.endswith("activation") and name in rule.fields:
            found[name], odd = _activation(layer, name)
            unnamed = odd or unnamed
        elif name in rule.fields:
            found[name] = _penalty(value) if name.endswith("_regularizer") else plain(value)
        elif name not in rule.nested:
            _check_unknown(layer, name, value)
    where = f"{type(layer).__name__} layer {layer.name!r}"
    _check_fields(found, rule.fields, where)
    return found, unnamed


def _check_fields(found: Mapping[str, Value], fields: Mapping[str, Field], where: str) -> None:
    for name, value in found.items():
        try:
            fields[name](value)
        except RefusedModel as error:
            raise UndescribableModel(f"The {where}: its setting {name} is odd ({error}).") from None


def _own_config(layer: Any) -> dict[str, Any]:
    config = _keras_config(layer)
    if isinstance(layer, keras.layers.Normalization):
        config |= _statistics(layer)
    if isinstance(layer, keras.layers.Rescaling):
        config |= {name: _statistic(getattr(layer, name)) for name in ("scale", "offset")}
    if isinstance(layer, keras.layers.Discretization):
        config |= {"num_bins": None}
    if isinstance(layer, keras.layers.IntegerLookup):
        words = layer.get_vocabulary(include_special_tokens=False)
        config |= {"vocabulary": [int(word) for word in words]}
    return config


def _keras_config(layer: Any) -> dict[str, Any]:
    """Return get_config(), past an activation that Keras cannot serialize."""
    function = vars(layer).get("activation")
    if function is None or activation_name(function) is not None:
        return dict(layer.get_config())
    layer.activation = keras.activations.linear
    try:
        return dict(layer.get_config())
    finally:
        layer.activation = function


def _statistics(layer: Any) -> dict[str, Any]:
    """Return what the layer subtracts and divides by, unless its weights say the same.

    Weights that were set after `adapt` have no effect on a live layer.
    """
    if layer.input_mean is not None or not layer.built:
        return {
            "mean": _statistic(layer.input_mean),
            "variance": _statistic(layer.input_variance),
        }
    pairs = ((layer.mean, layer.adapt_mean), (layer.variance, layer.adapt_variance))
    if all(_agree(used, weight) for used, weight in pairs):
        return {"mean": None, "variance": None}
    shape = tuple(layer.adapt_mean.shape)
    return {
        "mean": as_array(layer.mean).reshape(shape),
        "variance": as_array(layer.variance).reshape(shape),
    }


def _agree(used: Any, weight: Any) -> bool:
    expected = keras.ops.cast(weight, keras.backend.standardize_dtype(used.dtype))
    return np.array_equal(as_array(used).ravel(), as_array(expected).ravel(), equal_nan=True)


def _statistic(value: Any) -> Any:
    if value is None or isinstance(value, (int, float)):
        return value
    return np.asarray(value)


def _check_unknown(layer: Any, name: str, value: Any) -> None:
    """A setting that the allow-list does not know may be left out when it is the default."""
    if name in _NEVER_SENT or name.endswith(("_initializer", "_constraint")) or value is None:
        return
    known = inspect.signature(type(layer).__init__).parameters
    if name in known and value != known[name].default:
        raise UndescribableModel(
            f"The {type(layer).__name__} layer {layer.name!r} uses {name}={value!r:.60}, which "
            "cannot be graded. Leave that setting out."
        )


def _activation(layer: Any, name: str) -> tuple[str, Any]:
    function = getattr(layer, name)
    found = activation_name(function)
    if found is not None:
        return found, None
    if name != "activation" or hasattr(layer, "cell") or hasattr(layer, "state_size"):
        raise UndescribableModel(
            f"The {type(layer).__name__} layer {layer.name!r} has a {name} of your own. "
            "Use one that Keras knows by name, such as 'tanh'."
        )
    return "linear", function


def _penalty(value: Any) -> Value:
    """Return the strengths of an L1/L2 penalty; other penalties matter for training only."""
    config = value.get("config", {}) if isinstance(value, dict) else {}
    found = {name: plain(config[name]) for name in ("l1", "l2") if name in config}
    return {name: float(item) for name, item in found.items()} or None


def listed_name(operation: Any) -> str | None:
    """Return the allow-list's name of a layer that is exactly one of Keras's, or None."""
    if augments(operation):
        return "Identity"
    name = type(operation).__name__
    name = _OTHER_NAMES.get(name, name)
    return name if name in LAYERS and _is_kerass(operation, name) else None


def augments(operation: Any) -> bool:
    """Tell whether an operation is a layer of Keras's that changes images only in training."""
    name = type(operation).__name__
    return name in AUGMENTING and _is_kerass(operation, name)


def check_acting(operation: Any) -> None:
    """Refuse the layers that students take for augmentation, but that act in prediction, too."""
    name = type(operation).__name__
    if name in ALWAYS_ACTING and _is_kerass(operation, name):
        raise UndescribableModel(
            f"{name} {operation.name!r} changes images when the model predicts, too, which cannot "
            "be graded. Leave it out, or map it over the training images before `fit`."
        )


def _is_kerass(operation: Any, name: str) -> bool:
    return getattr(keras.layers, name, None) is type(operation)


def read_layer(layer: Any) -> tuple[dict[str, Value], Any]:
    """Return a listed layer's class, settings and type, and its activation if it has no name."""
    check_acting(layer)
    name = listed_name(layer)
    if name is None:
        raise UndescribableModel(
            f"{type(layer).__name__} {layer.name!r} cannot be read within another layer. "
            "Use one layer of Keras there."
        )
    config, unnamed = ({}, None) if augments(layer) else layer_settings(layer, LAYERS[name])
    found: dict[str, Value] = {"class": name, "config": config, "dtype": layer.dtype_policy.name}
    attributes = _NESTED_AT.get(name, {})
    nested = {key: _inner(getattr(layer, attributes.get(key, key))) for key in LAYERS[name].nested}
    return {**found, "nested": nested} if nested else found, unnamed


def _inner(layer: Any) -> Value:
    """Return the description of a layer within another one."""
    if isinstance(layer, (list, tuple)):
        return [_inner(item) for item in layer]
    found, unnamed = read_layer(layer)
    if unnamed is not None:
        raise UndescribableModel(
            f"{type(layer).__name__} {layer.name!r} is held by another layer and has an activation "
            "of your own. Use one that Keras knows by name."
        )
    return found


def operation_settings(operation: Any, rule: OperationRule) -> dict[str, Value]:
    """Return the settings of an allow-listed operation."""
    found = {name: plain(getattr(operation, name)) for name in rule.config}
    _check_fields(found, rule.config, f"operation {type(operation).__name__}")
    known = inspect.signature(type(operation).__init__).parameters
    for name in set(known) - set(rule.config) - {"self", "name", "args", "kwargs"}:
        if getattr(operation, name, None) not in (None, known[name].default):
            raise UndescribableModel(
                f"The operation {type(operation).__name__} uses {name}, which cannot be graded."
            )
    return found


def weights(layer: Any, trainable: Set[int]) -> list[Value]:
    """Return a layer's own weights in Keras's order, but those that have no effect."""
    if isinstance(layer, keras.layers.Normalization) and _statistics(layer)["mean"] is not None:
        return []
    inner = getattr(layer, "activation", None)  # a layer in there is written down by itself
    apart = {id(v) for v in inner.weights} if isinstance(inner, keras.layers.Layer) else set()
    return [variable_value(v, trainable) for v in layer.weights if id(v) not in apart]


def variable_value(variable: Any, trainable: Set[int]) -> Value:
    """Return one weight; `trainable` are the ids of those that training moves."""
    value = as_array(variable)
    if value.dtype.kind == "f" and not np.isfinite(value).all():
        raise UndescribableModel(
            f"The weight {variable.path!r} holds NaN or infinity: training diverged. "
            "Scale the inputs, or lower the learning rate."
        )
    return {
        "name": str(variable.name)[:64],
        "trainable": id(variable) in trainable,
        "value": value,
    }


def as_array(value: Any) -> np.ndarray[Any, Any]:
    """Return a tensor, variable or NumPy value as an array that may cross."""
    held = value.value if isinstance(value, keras.Variable) else value
    found = np.asarray(keras.ops.convert_to_numpy(held))
    if found.dtype.name == "bfloat16":  # no NumPy type of its own; float32 holds it exactly
        found = found.astype(np.float32)
    if found.dtype.kind not in "fiub" or found.size > max(MAX_CONSTANT, 50_000_000):
        raise UndescribableModel(
            f"A constant of type {found.dtype} and shape {found.shape} is used."
        )
    return found


def plain(value: Any) -> Value:
    """Return a setting as a plain value; raises CannotDescribe for an object."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (bool, int, float, str)):  # a subclass, such as an enum
        return _base(value)(value)
    if keras.ops.is_tensor(value) or isinstance(value, keras.Variable):
        return as_array(value)
    raise UndescribableModel(f"A setting is a {type(value).__name__}, which cannot be read.")


def _base(value: Any) -> Callable[[Any], Any]:
    return next(base for base in (bool, int, float, str) if isinstance(value, base))
