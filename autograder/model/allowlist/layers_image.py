"""Allow-list: convolutions, pooling, image and category preprocessing."""

from __future__ import annotations

from autograder.model.allowlist.fields import (
    array,
    either,
    integer,
    number,
    only,
    optional,
    per_axis,
    several,
)
from autograder.model.allowlist.rules import (
    TENSOR,
    LayerRule,
    activation,
    flag,
    frozen,
    layout,
    matching,
    regularizers,
    rule,
    size,
)

_padding = only("valid", "same")
_border = only("valid", "same", "causal")
_interpolation = only("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
_fill = only("constant", "reflect", "wrap", "nearest")
_range = either(number(-1e6, 1e6), several(number(-1e6, 1e6), 2, 2))
_output = only("int", "one_hot", "multi_hot", "count")


def _conv(rank: int) -> LayerRule:
    window = per_axis(size, rank)
    return rule(
        {"filters": size, "kernel_size": window},
        strides=window,
        padding=_border if rank == 1 else _padding,
        data_format=layout,
        dilation_rate=window,
        groups=size,
        activation=activation,
        use_bias=flag,
        **regularizers("kernel", "bias"),
    )


def _transpose(rank: int) -> LayerRule:
    window = per_axis(size, rank)
    return rule(
        {"filters": size, "kernel_size": window},
        strides=window,
        padding=_padding,
        output_padding=optional(per_axis(integer(0), rank)),
        data_format=layout,
        dilation_rate=window,
        activation=activation,
        use_bias=flag,
        **regularizers("kernel", "bias"),
    )


def _depthwise(rank: int) -> LayerRule:
    window = per_axis(size, rank)
    return rule(
        {"kernel_size": window},
        strides=window,
        padding=_padding,
        depth_multiplier=size,
        data_format=layout,
        dilation_rate=window,
        activation=activation,
        use_bias=flag,
        **regularizers("depthwise", "bias"),
    )


def _separable(rank: int) -> LayerRule:
    depthwise = _depthwise(rank)
    return rule(
        {"filters": size, "kernel_size": depthwise.fields["kernel_size"]},
        **{**depthwise.fields, **regularizers("depthwise", "pointwise", "bias")},
    )


def _pooling(rank: int) -> LayerRule:
    window = per_axis(size, rank)
    return rule(pool_size=window, strides=optional(window), padding=_padding, data_format=layout)


def _overall(rank: int) -> LayerRule:
    found = rule(data_format=layout, keepdims=flag)
    return found.called_with(mask=TENSOR) if rank == 1 else found


def _adaptive(kind: str, rank: int) -> LayerRule:
    # The maximum over everything ends the process with SIGFPE in Keras 3.15 on TensorFlow 2.21.
    least = integer(2 if kind == "Max" else 1, 1 << 16)
    return rule({"output_size": per_axis(least, rank)}, data_format=layout)


CONVOLUTION = frozen(
    Conv1D=_conv(1),
    Conv2D=_conv(2),
    Conv3D=_conv(3),
    Conv1DTranspose=_transpose(1),
    Conv2DTranspose=_transpose(2),
    Conv3DTranspose=_transpose(3),
    DepthwiseConv1D=_depthwise(1),
    DepthwiseConv2D=_depthwise(2),
    SeparableConv1D=_separable(1),
    SeparableConv2D=_separable(2),
)

_KINDS = ("Max", "Average")
POOLING = frozen(
    **{f"{kind}Pooling{n}D": _pooling(n) for kind in _KINDS for n in (1, 2, 3)},
    **{f"Global{kind}Pooling{n}D": _overall(n) for kind in _KINDS for n in (1, 2, 3)},
    **{f"Adaptive{kind}Pooling{n}D": _adaptive(kind, n) for kind in _KINDS for n in (1, 2, 3)},
)

# In prediction these layers only cast to their own type: an Identity replaces them.
AUGMENTING = frozenset(
    "AugMix CutMix MixUp RandAugment RandomColorDegeneration RandomColorJitter "
    "RandomElasticTransform RandomErasing RandomGaussianBlur RandomGrayscale RandomHue "
    "RandomInvert RandomPerspective RandomPosterization RandomSaturation RandomSharpness "
    "RandomShear".split()
)
# These layers look like augmentation, but act when a model predicts, too.
ALWAYS_ACTING = frozenset(
    "AutoContrast ContrastLimitedAdaptiveHistogramEqualization Equalization Solarization".split()
)

PREPROCESSING = frozen(
    Resizing=rule(
        {"height": size, "width": size},
        interpolation=_interpolation,
        crop_to_aspect_ratio=flag,
        pad_to_aspect_ratio=flag,
        fill_mode=_fill,
        fill_value=number(),
        antialias=flag,
        data_format=layout,
    ),
    CenterCrop=rule({"height": size, "width": size}, data_format=layout),
    RandomCrop=rule({"height": size, "width": size}, data_format=layout),
    RandomFlip=rule(
        mode=only("horizontal", "vertical", "horizontal_and_vertical"),
        data_format=layout,
    ),
    RandomRotation=rule(
        {"factor": _range},
        fill_mode=_fill,
        interpolation=_interpolation,
        fill_value=number(),
        data_format=layout,
    ),
    RandomTranslation=rule(
        {"height_factor": _range, "width_factor": _range},
        fill_mode=_fill,
        interpolation=_interpolation,
        fill_value=number(),
        data_format=layout,
    ),
    RandomZoom=rule(
        {"height_factor": _range},
        width_factor=optional(_range),
        fill_mode=_fill,
        interpolation=_interpolation,
        fill_value=number(),
        data_format=layout,
    ),
    RandomContrast=rule({"factor": _range}, value_range=_range),
    RandomBrightness=rule({"factor": _range}, value_range=_range),
    Discretization=rule(
        {"bin_boundaries": either(array(1 << 16), several(number(), 1, 1 << 16))},
        num_bins=optional(size),
        epsilon=number(0),
        output_mode=_output,
        sparse=only(False),
    ),
    CategoryEncoding=rule(
        {"num_tokens": size},
        output_mode=only("one_hot", "multi_hot", "count"),
        sparse=only(False),
    ).called_with(count_weights=TENSOR),
    Hashing=rule(
        {"num_bins": size},
        mask_value=optional(integer(-(2**31))),
        salt=optional(either(integer(0), several(integer(0), 2, 2))),
        output_mode=_output,
        sparse=only(False),
    ),
    IntegerLookup=rule(
        {"vocabulary": either(array(100_000), several(integer(-(2**31)), 1, 100_000))},
        max_tokens=optional(size),
        num_oov_indices=integer(0, 1 << 16),
        mask_token=optional(integer(-(2**31))),
        oov_token=integer(-(2**31)),
        vocabulary_dtype=matching("int32|int64"),
        invert=flag,
        output_mode=_output,
        pad_to_max_tokens=flag,
        sparse=only(False),
        idf_weights=only(None),
    ),
)
