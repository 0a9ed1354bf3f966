"""Reading a live layer or operation: its settings and weights as plain values."""

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
from autograder.model.describing.training_only import without_training_only
from autograder.wire import Value

_NEVER_SENT = ("name", "dtype", "trainable", "seed", "activity_regularizer")
_OTHER_NAMES = {"GroupedQueryAttention": "GroupQueryAttention"}
_NESTED_AT = {"Bidirectional": {"layer": "forward_layer"}}


def layer_settings(layer: Any, rule: LayerRule) -> tuple[dict[str, Value], Any]:
    """Return the settings of an allow-listed layer, and an activation function without a name.

    Raises UndescribableModel for a setting that the allow-list does not take.
    """
    settings: dict[str, Value] = {}
    unnamed = None
    for name, value in _own_config(layer).items():
        if name.endswith("activation") and name in rule.fields:
            settings[name], odd = _activation(layer, name)
            unnamed = odd or unnamed
        elif name in rule.fields:
            settings[name] = _penalty(value) if name.endswith("_regularizer") else plain(value)
        elif name not in rule.nested:
            _check_unknown(layer, name, value)
    where = f"{type(layer).__name__} layer {layer.name!r}"
    _check_fields(settings, rule.fields, where)
    return settings, unnamed


def _check_fields(settings: Mapping[str, Value], fields: Mapping[str, Field], where: str) -> None:
    for name, value in settings.items():
        try:
            fields[name](value)
        except RefusedModel as error:
            raise UndescribableModel(f"The {where}: its setting {name} is odd ({error}).") from None


def _own_config(layer: Any) -> dict[str, Any]:
    with without_training_only(layer):
        config = dict(layer.get_config())
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


def _statistics(layer: Any) -> dict[str, Any]:
    """Return mean and variance of a Normalization layer, None for each where its weights hold them.

    A live layer computes with copies of its weights: weights that were set after `adapt` have no
    effect, and the copies are described then.
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
    """Refuse a setting that the allow-list does not know, unless it has its default value."""
    if name in _NEVER_SENT or name.endswith(("_initializer", "_constraint")) or value is None:
        return
    parameters = inspect.signature(type(layer).__init__).parameters
    if name in parameters and value != parameters[name].default:
        raise UndescribableModel(
            f"The {type(layer).__name__} layer {layer.name!r} uses {name}={value!r:.60}, which "
            "cannot be graded. Leave that setting out."
        )


def _activation(layer: Any, name: str) -> tuple[str, Any]:
    function = getattr(layer, name)
    named = activation_name(function)
    if named is not None:
        return named, None
    if name != "activation" or hasattr(layer, "cell") or hasattr(layer, "state_size"):
        raise UndescribableModel(
            f"The {type(layer).__name__} layer {layer.name!r} has a {name} of your own. "
            "Use one that Keras knows by name, such as 'tanh'."
        )
    return "linear", function


def _penalty(value: Any) -> Value:
    """Return the strengths of an L1/L2 penalty; other penalties matter for training only."""
    config = value.get("config", {}) if isinstance(value, dict) else {}
    strengths = {name: plain(config[name]) for name in ("l1", "l2") if name in config}
    return {name: float(strength) for name, strength in strengths.items()} or None


def listed_name(operation: Any) -> str | None:
    """Return the allow-list's name of a layer of Keras, None for other classes and operations."""
    if augments(operation):
        return "Identity"
    name = type(operation).__name__
    name = _OTHER_NAMES.get(name, name)
    return name if name in LAYERS and _is_kerass(operation, name) else None


def augments(operation: Any) -> bool:
    """Tell whether an operation is a layer of Keras that changes images in training only."""
    name = type(operation).__name__
    return name in AUGMENTING and _is_kerass(operation, name)


def check_acting(operation: Any) -> None:
    """Raise UndescribableModel for a layer that looks like augmentation, but acts in prediction."""
    name = type(operation).__name__
    if name in ALWAYS_ACTING and _is_kerass(operation, name):
        raise UndescribableModel(
            f"{name} {operation.name!r} changes images when the model predicts, too, which cannot "
            "be graded. Leave it out, or map it over the training images before `fit`."
        )


def _is_kerass(operation: Any, name: str) -> bool:
    return getattr(keras.layers, name, None) is type(operation)


def read_layer(layer: Any) -> tuple[dict[str, Value], Any]:
    """Return class, settings and type of a listed layer, and its activation if that has no name.

    Raises UndescribableModel for a layer that is not on the allow-list.
    """
    check_acting(layer)
    name = listed_name(layer)
    if name is None:
        raise UndescribableModel(
            f"{type(layer).__name__} {layer.name!r} cannot be read within another layer. "
            "Use one layer of Keras there."
        )
    config, unnamed = ({}, None) if augments(layer) else layer_settings(layer, LAYERS[name])
    description: dict[str, Value] = {
        "class": name,
        "config": config,
        "dtype": layer.dtype_policy.name,
    }
    attributes = _NESTED_AT.get(name, {})
    nested = {key: _inner(getattr(layer, attributes.get(key, key))) for key in LAYERS[name].nested}
    return {**description, "nested": nested} if nested else description, unnamed


def _inner(layer: Any) -> Value:
    """Return the description of a layer within another one."""
    if isinstance(layer, (list, tuple)):
        return [_inner(inner) for inner in layer]
    description, unnamed = read_layer(layer)
    if unnamed is not None:
        raise UndescribableModel(
            f"{type(layer).__name__} {layer.name!r} is held by another layer and has an activation "
            "of your own. Use one that Keras knows by name."
        )
    return description


def operation_settings(operation: Any, rule: OperationRule) -> dict[str, Value]:
    """Return the settings of an allow-listed operation."""
    settings = {name: plain(getattr(operation, name)) for name in rule.config}
    _check_fields(settings, rule.config, f"operation {type(operation).__name__}")
    parameters = inspect.signature(type(operation).__init__).parameters
    for name in set(parameters) - set(rule.config) - {"self", "name", "args", "kwargs"}:
        if getattr(operation, name, None) not in (None, parameters[name].default):
            raise UndescribableModel(
                f"The operation {type(operation).__name__} uses {name}, which cannot be graded."
            )
    return settings


def weights(layer: Any, trainable: Set[int]) -> list[Value]:
    """Return a layer's own weights in Keras's order, without weights that have no effect."""
    if isinstance(layer, keras.layers.Normalization) and _statistics(layer)["mean"] is not None:
        return []
    inner = getattr(layer, "activation", None)  # a layer as activation is described by itself
    apart = {id(v) for v in inner.weights} if isinstance(inner, keras.layers.Layer) else set()
    return [variable_value(v, trainable) for v in layer.weights if id(v) not in apart]


def variable_value(variable: Any, trainable: Set[int]) -> Value:
    """Return the description of a weight; `trainable` are the ids of weights that training moves.

    Raises UndescribableModel for NaN and infinity.
    """
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
    """Return a tensor, variable or NumPy value as an array of numbers.

    Raises UndescribableModel for other types and for arrays that are too large.
    """
    held = value.value if isinstance(value, keras.Variable) else value
    array = np.asarray(keras.ops.convert_to_numpy(held))
    if array.dtype.name == "bfloat16":  # no NumPy type of its own; float32 holds it exactly
        array = array.astype(np.float32)
    if array.dtype.kind not in "fiub" or array.size > max(MAX_CONSTANT, 50_000_000):
        raise UndescribableModel(
            f"A constant of type {array.dtype} and shape {array.shape} is used."
        )
    return array


def plain(value: Any) -> Value:
    """Return a setting as a plain value; raises UndescribableModel for an object."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return [plain(element) for element in value]
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (bool, int, float, str)):  # a subclass, such as an enum
        return _base(value)(value)
    if keras.ops.is_tensor(value) or isinstance(value, keras.Variable):
        return as_array(value)
    raise UndescribableModel(f"A setting is a {type(value).__name__}, which cannot be read.")


def _base(value: Any) -> Callable[[Any], Any]:
    return next(base for base in (bool, int, float, str) if isinstance(value, base))
