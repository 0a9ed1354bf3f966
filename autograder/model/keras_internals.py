"""Every private name of Keras and TensorFlow that the package uses, and why it is needed.

Private names can change in any release of Keras. They stand in this file alone. Each has a function
here whose docstring names the private thing and says which public thing is missing;
tests/with_keras/model/test_keras_internals.py calls each function on a live example. Functions
import private modules when they are called, so that a missing name breaks only the functions that
need it.

Both sides of the boundary use this file: the student's worker when it describes a model, the
evaluator when it rebuilds a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

__all__ = [
    "SYMBOLIC_REFUSAL",
    "autocast",
    "call_that_made",
    "clear_name_scopes",
    "convert_to_tensor_class",
    "create_value",
    "dispatching",
    "forget_valueless",
    "functional_class",
    "graph_of_sequential",
    "has_value",
    "is_of_keras",
    "keep_generators",
    "keep_inputs",
    "layers_within",
    "maker_of",
    "mask_of",
    "public_names",
    "recorded_calls",
    "reshape_class",
    "set_initializer",
    "set_mask",
    "shapes_at_build",
    "stored_dtype",
]

SYMBOLIC_REFUSAL = "A KerasTensor cannot be used as input to a TensorFlow function."
"""How Keras begins the ValueError of a symbolic tensor that becomes an array; no type tells it."""


def layers_within(layer: Any) -> list[Any]:
    """Return a layer or model and every layer that it holds, at any depth.

    Private: `Layer._flatten_layers`. The public `Model.layers` lists a model's direct children.
    """
    return list(layer._flatten_layers())


def shapes_at_build(layer: Any) -> list[Any]:
    """Return the shapes that a layer or model was built for, with the batch axis; [] before that.

    Private: `Layer._build_shapes_dict`. The public `Layer.get_build_config` can be overridden, and
    raises for a model whose `__init__` does not call that of keras.Model.
    """
    return list((getattr(layer, "_build_shapes_dict", None) or {}).values())


def functional_class() -> Any:
    """Return the class of models that `keras.Model(inputs, outputs)` makes.

    Private: `keras.src.models.functional.Functional`. Keras exports no name for the class.
    """
    from keras.src.models.functional import Functional

    return Functional


def graph_of_sequential(model: Any) -> Any:
    """Return the functional model within a keras.Sequential, None before it has an input shape.

    Private: `Sequential._functional`. Public are only the symbolic inputs and outputs.
    """
    return model._functional


def maker_of(symbol: Any) -> Any:
    """Return the layer or operation whose call made a symbolic tensor, None without one.

    Private: `KerasTensor._keras_history`. Keras has no public way from a tensor to its call.
    """
    history = getattr(symbol, "_keras_history", None)
    return history.operation if history else None


def call_that_made(symbol: Any) -> Any:
    """Return the recorded call that made a symbolic tensor which has a maker.

    The call has `operation`, `outputs` and `arguments` with `args`, `kwargs`, `keras_tensors`.
    Private: `KerasTensor._keras_history`, `Operation._inbound_nodes` and the class of the calls,
    `keras.src.ops.node.Node`. Keras has no public way from a tensor to its call.
    """
    history = symbol._keras_history
    return history.operation._inbound_nodes[history.node_index]


def recorded_calls(operation: Any) -> tuple[list[Any], list[Any]]:
    """Return Keras's own lists of an operation's calls and of the calls that take its outputs.

    Private: `Operation._inbound_nodes`, `Operation._outbound_nodes`. Keras has no public way to
    forget a symbolic call.
    """
    return operation._inbound_nodes, operation._outbound_nodes


def is_of_keras(operation: Any) -> bool:
    """Tell whether Keras itself defines the class of an operation.

    Private: the package `keras.src`. Keras exports functions such as `keras.ops.add`, but not the
    classes of the operations that these functions record.
    """
    return type(operation).__module__.startswith("keras.src.")


def convert_to_tensor_class() -> Any:
    """Return the class of the operation that `keras.ops.convert_to_tensor` records.

    Private: `keras.src.ops.core.ConvertToTensor`. Keras does not export operations' classes.
    """
    from keras.src.ops.core import ConvertToTensor

    return ConvertToTensor


def reshape_class() -> Any:
    """Return the class of the operation that `keras.ops.reshape` records; `newshape` is its shape.

    Private: `keras.src.ops.numpy.Reshape`. Keras does not export operations' classes.
    """
    from keras.src.ops.numpy import Reshape

    return Reshape


def mask_of(tensor: Any) -> Any:
    """Return the mask that Keras attached to a tensor, or None.

    Private: `keras.src.backend.get_keras_mask`. Publicly a layer hands a mask to its `call` only.
    """
    from keras.src.backend import get_keras_mask

    return get_keras_mask(tensor)


def set_mask(tensor: Any, mask: Any) -> None:
    """Attach a mask to a tensor, as a layer of Keras does to its output.

    Private: `keras.src.backend.set_keras_mask`. Only `Layer.__call__` attaches masks publicly.
    """
    from keras.src.backend import set_keras_mask

    set_keras_mask(tensor, mask)


def autocast(dtype: str) -> AbstractContextManager[Any]:
    """Return a context within which floating-point weights are read as `dtype`.

    Private: `keras.src.backend.AutocastScope`. Publicly `Layer.__call__` alone enters it.
    """
    from keras.src.backend import AutocastScope

    scope: AbstractContextManager[Any] = AutocastScope(dtype)
    return scope


def stored_dtype(variable: Any) -> str:
    """Return the type in which a weight is kept, such as "float32".

    Private: `Variable._dtype`. The public `Variable.dtype` is the type after autocasting.
    """
    import keras

    return str(keras.backend.standardize_dtype(variable._dtype))


def has_value(variable: Any) -> bool:
    """Tell whether a weight has its array, False for one made without in a keras.StatelessScope.

    Private: `Variable._value`. The public `Variable.value` calls the initializer in that case.
    """
    return variable._value is not None


def set_initializer(variable: Any, initializer: Callable[..., Any]) -> None:
    """Replace the initializer of a weight that has no value yet.

    Private: `Variable._initializer`. The public `Variable.assign` needs a value that it replaces.
    """
    variable._initializer = initializer


def create_value(variable: Any) -> None:
    """Have a weight without a value call its initializer, once and outside of stateless scopes.

    Private: `Variable._deferred_initialize`. Publicly the end of a scope does so for all weights.
    """
    variable._deferred_initialize()


def forget_valueless() -> None:
    """Empty Keras's list of the weights that still wait for a value.

    Private: `keras.src.backend.common.global_state`, its key "uninitialized_variables". Publicly
    `keras.utils.clear_session` empties it together with all other state.
    """
    from keras.src.backend.common import global_state

    global_state.set_global_attribute("uninitialized_variables", [])


def clear_name_scopes() -> None:
    """Leave all name scopes, which an exception inside Keras leaves open for every later call.

    Private: `keras.src.backend.common.global_state`, its key "name_scope_stack". Publicly
    `keras.utils.clear_session` empties it together with all other state.
    """
    from keras.src.backend.common import global_state

    global_state.set_global_attribute("name_scope_stack", [])


def keep_inputs(layer: Any) -> None:
    """Have a layer take its inputs as they are, without a cast to its own type.

    Private: `Layer._convert_input_args`. The public argument `autocast=False` leaves arrays and
    numbers to be converted.
    """
    layer._convert_input_args = False


@contextmanager
def keep_generators() -> Iterator[None]:
    """Put the global random generators of Keras and TensorFlow back when the context ends.

    A new seed replaces both generators and leaves the old ones alone; before any seed there are
    none. Private: `keras.src.backend.common.global_state` with the keys `GLOBAL_RANDOM_SEED` and
    `GLOBAL_SEED_GENERATOR`, and `_seed` and `_rng` of TensorFlow's eager context. Seeds can be set
    publicly, but not read.
    """
    from keras.src.backend.common import global_state
    from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR
    from keras.src.utils.rng_utils import GLOBAL_RANDOM_SEED
    from tensorflow.python.eager.context import context

    keys = (GLOBAL_RANDOM_SEED, GLOBAL_SEED_GENERATOR)
    attributes = {key: global_state.get_global_attribute(key) for key in keys}
    eager = vars(context())
    seeded = {name: eager[name] for name in ("_seed", "_rng") if name in eager}
    try:
        yield
    finally:
        eager.update(seeded)
        for key, value in attributes.items():
            global_state.set_global_attribute(key, value)


@contextmanager
def dispatching(handle: Callable[[Any, Any, Any], Any]) -> Iterator[None]:
    """Ask `handle(function, args, kwargs)` about calls that TensorFlow cannot answer by itself.

    TensorFlow asks when a function of its API does not know the type of an argument. `handle`
    returns the call's result, or NotImplemented to leave the call to TensorFlow.
    Private: `tensorflow.python.util.dispatch`, its `GlobalOpDispatcher` and `_GLOBAL_DISPATCHERS`.
    The public `tf.experimental.dispatch_for_api` takes the functions of the API one by one.
    """
    from tensorflow.python.util import dispatch

    class Dispatcher(dispatch.GlobalOpDispatcher):  # type: ignore[misc] # its type is unknown
        def handle(self, op: Any, args: Any, kwargs: Any) -> Any:
            result = handle(op, args, kwargs)
            return dispatch.OpDispatcher.NOT_SUPPORTED if result is NotImplemented else result

    dispatcher = Dispatcher()
    dispatcher.register()
    try:
        yield
    finally:
        dispatch._GLOBAL_DISPATCHERS.remove(dispatcher)


def public_names(function: Any) -> tuple[str, ...]:
    """Return the names under `tf` of a function of TensorFlow, such as ("nn.relu",).

    `function` is the undecorated function. Private: its attribute `_tf_api_names`. Publicly a
    function knows only its inner name, such as "gather_v2".
    """
    return tuple(getattr(function, "_tf_api_names", ()))
