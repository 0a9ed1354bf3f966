"""Functions of TensorFlow that need more than renamed arguments to become calls of keras.ops.

Each function takes the arguments of a TensorFlow call by name. It returns the result of keras.ops,
or None where the results of TensorFlow and Keras would differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import keras
import numpy as np

Twin = Callable[[Mapping[str, Any]], Any]


def _pooling(name: str) -> Twin:
    def pool(arguments: Mapping[str, Any]) -> Any:
        x, windows = arguments["input"], [_window(arguments[key]) for key in ("ksize", "strides")]
        layout, padding = arguments["data_format"] in (None, "NHWC"), arguments["padding"]
        if None in windows or not layout or type(padding) is not str or len(x.shape) != 4:
            return None
        function = getattr(keras.ops, name)
        return function(x, *windows, padding=padding.lower(), data_format="channels_last")

    return pool


def _window(value: Any) -> tuple[int, int] | None:
    """Return a window's height and width, or None for a window over examples or channels."""
    lengths = [value] if isinstance(value, int) else list(value)
    if len(lengths) == 4 and (lengths[0], lengths[3]) == (1, 1):
        lengths = lengths[1:3]
    if len(lengths) == 1:
        lengths *= 2
    return (lengths[0], lengths[1]) if len(lengths) == 2 else None


def _pad(arguments: Mapping[str, Any]) -> Any:
    width = np.asarray(arguments["paddings"]).tolist()
    mode, fill = arguments["mode"].lower(), arguments["constant_values"]
    further = {"constant_values": fill} if mode == "constant" and fill != 0 else {}
    return keras.ops.pad(arguments["tensor"], width, mode=mode, **further)


def _bias_add(arguments: Mapping[str, Any]) -> Any:
    if arguments["data_format"] not in (None, "NHWC", "NWC", "NDHWC"):
        return None
    bias = arguments["bias"]
    listed = isinstance(bias, (list, tuple))
    return keras.ops.add(arguments["value"], np.asarray(bias, "float32") if listed else bias)


def _l2_normalize(arguments: Mapping[str, Any]) -> Any:
    x = arguments["x"]
    axis = arguments["axis"] if arguments["dim"] is None else arguments["dim"]
    total = keras.ops.sum(keras.ops.square(x), axis=axis, keepdims=True)
    return x * keras.ops.rsqrt(keras.ops.maximum(total, arguments["epsilon"]))


def _split(arguments: Mapping[str, Any]) -> Any:
    sizes = arguments["num_or_size_splits"]
    if not isinstance(sizes, int):
        sizes = np.asarray(sizes).tolist()
        if -1 in sizes:
            return None
        sizes = np.cumsum(sizes)[:-1].tolist()
    return list(keras.ops.split(arguments["value"], sizes, axis=arguments["axis"]))


def _resize(arguments: Mapping[str, Any]) -> Any:
    x, method = arguments["images"], arguments["method"]
    supported = method in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    if not supported or arguments["preserve_aspect_ratio"]:
        return None
    x = x if method == "nearest" else keras.ops.cast(x, "float32")
    size = tuple(np.asarray(arguments["size"]).tolist())
    further = {"antialias": arguments["antialias"], "data_format": "channels_last"}
    return keras.ops.image.resize(x, size, interpolation=method, **further)


def _standardized(arguments: Mapping[str, Any]) -> Any:
    x = arguments["image"]
    if x.dtype != "float32" or None in x.shape[-3:]:
        return None  # TensorFlow scales whole numbers first
    axes = (-3, -2, -1)
    least = 1 / math.sqrt(math.prod(x.shape[-3:]))
    spread = keras.ops.maximum(keras.ops.std(x, axis=axes, keepdims=True), least)
    return (x - keras.ops.mean(x, axis=axes, keepdims=True)) / spread


# By the inner name of TensorFlow's function, which its public name hides.
SPECIAL: Mapping[str, Twin] = MappingProxyType(
    {
        "max_pool2d": _pooling("max_pool"),
        "max_pool_v2": _pooling("max_pool"),
        "avg_pool2d": _pooling("average_pool"),
        "avg_pool_v2": _pooling("average_pool"),
        "pad_v2": _pad,
        "bias_add": _bias_add,
        "l2_normalize": _l2_normalize,
        "split": _split,
        "resize_images_v2": _resize,
        "per_image_standardization": _standardized,
    }
)

# What to use in Keras in place of a function that has another name there.
_INSTEAD = {
    "nn.conv1d": "a keras.layers.Conv1D layer",
    "nn.conv2d": "a keras.layers.Conv2D layer",
    "nn.convolution": "a convolution layer of Keras",
    "nn.depthwise_conv2d": "a keras.layers.DepthwiseConv2D layer",
    "nn.separable_conv2d": "a keras.layers.SeparableConv2D layer",
    "nn.conv2d_transpose": "a keras.layers.Conv2DTranspose layer",
    "nn.dropout": "a keras.layers.Dropout layer",
    "nn.batch_normalization": "a keras.layers.BatchNormalization layer",
    "nn.embedding_lookup": "a keras.layers.Embedding layer",
    "nn.max_pool2d": "keras.ops.max_pool or a keras.layers.MaxPooling2D layer",
    "nn.avg_pool2d": "keras.ops.average_pool or a keras.layers.AveragePooling2D layer",
    "image.resize": "a keras.layers.Resizing layer",
    "image.per_image_standardization": "a keras.layers.Rescaling layer",
    "cond": "keras.ops.where",
    "gather": "keras.ops.take",
    "concat": "keras.ops.concatenate",
}


def sentence(name: str, where: str, readable: frozenset[str]) -> str:
    """Return the sentence that tells a student what to use in place of `tf.name`.

    `where` names the layer or model, `readable` are the allowed functions of Keras, such as
    "ops.relu".
    """
    twin = f"ops.{name.rpartition('.')[2]}"
    by_name = f"keras.{twin} or a Keras layer" if twin in readable else None
    instead = _INSTEAD.get(name) or by_name or "functions of keras.ops or a Keras layer"
    return f"`tf.{name}` in {where} cannot be read; use {instead} instead."
