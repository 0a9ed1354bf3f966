"""Allow-list: dense, activation, merging, reshaping, normalising, regularising layers."""

from __future__ import annotations

from autograder.model.allowlist.fields import (
    array,
    either,
    integer,
    number,
    only,
    optional,
    several,
)
from autograder.model.allowlist.rules import (
    FLAG,
    TENSOR,
    activation,
    axes,
    axis,
    dims,
    epsilon,
    flag,
    frozen,
    layout,
    matching,
    rate,
    regularizers,
    rule,
    size,
)

_constant = either(number(), array(1 << 16))
_noise = optional(several(optional(integer(1)), 1, 8))
_pair = several(integer(0), 2, 2)

CORE = frozen(
    Dense=rule(
        {"units": size},
        activation=activation,
        use_bias=flag,
        **regularizers("kernel", "bias"),
    ),
    EinsumDense=rule(
        {
            "equation": matching(r"[A-Za-z.]*,[A-Za-z.]*->[A-Za-z.]*"),
            "output_shape": either(size, several(optional(size), 0, 8)),
        },
        activation=activation,
        bias_axes=optional(matching(r"[A-Za-z]*")),
        **regularizers("kernel", "bias"),
    ),
    Embedding=rule(
        {"input_dim": integer(1), "output_dim": size},
        mask_zero=flag,
        **regularizers("embeddings"),
    ),
    ReversibleEmbedding=rule(
        {"input_dim": integer(1), "output_dim": size},
        tie_weights=flag,
        mask_zero=flag,
        logit_soft_cap=optional(number(0)),
        **regularizers("embeddings"),
    ).called_with(reverse=FLAG),
    Activation=rule({"activation": activation}),
    ReLU=rule(max_value=optional(number(0)), negative_slope=number(0), threshold=number(0)),
    LeakyReLU=rule(negative_slope=number(0)),
    ELU=rule(alpha=number()),
    PReLU=rule(shared_axes=optional(several(integer(1, 8))), **regularizers("alpha")),
    Softmax=rule(axis=axes).called_with(mask=TENSOR),
    Identity=rule(),
    Masking=rule(mask_value=number()),
)

MERGING = frozen(
    Add=rule().on_several(),
    Subtract=rule().on_several(),
    Multiply=rule().on_several(),
    Average=rule().on_several(),
    Maximum=rule().on_several(),
    Minimum=rule().on_several(),
    Concatenate=rule(axis=axis).on_several(),
    Dot=rule({"axes": either(axis, several(axis, 2, 2))}, normalize=flag).on_several(),
)

RESHAPING = frozen(
    Flatten=rule(data_format=layout),
    Reshape=rule({"target_shape": dims}),
    Permute=rule({"dims": several(integer(1, 8), 1, 8)}),
    RepeatVector=rule({"n": integer(1)}),
    Cropping1D=rule(cropping=_pair),
    Cropping2D=rule(cropping=several(_pair, 2, 2), data_format=layout),
    Cropping3D=rule(cropping=several(_pair, 3, 3), data_format=layout),
    ZeroPadding1D=rule(padding=_pair, data_format=layout),
    ZeroPadding2D=rule(padding=several(_pair, 2, 2), data_format=layout),
    ZeroPadding3D=rule(padding=several(_pair, 3, 3), data_format=layout),
    UpSampling1D=rule(size=size),
    UpSampling2D=rule(
        size=several(size, 2, 2),
        data_format=layout,
        interpolation=only("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"),
    ),
    UpSampling3D=rule(size=several(size, 3, 3), data_format=layout),
)

NORMALIZING = frozen(
    BatchNormalization=rule(
        axis=axes,
        momentum=number(0, 1),
        epsilon=epsilon,
        center=flag,
        scale=flag,
        synchronized=only(False),
        renorm=only(False),
        renorm_clipping=only(None),
        renorm_momentum=number(0, 1),
        **regularizers("beta", "gamma"),
    ).called_with(mask=TENSOR),
    LayerNormalization=rule(
        axis=axes,
        epsilon=epsilon,
        center=flag,
        scale=flag,
        **regularizers("beta", "gamma"),
    ),
    GroupNormalization=rule(
        groups=integer(-1, 1 << 16),
        axis=axis,
        epsilon=epsilon,
        center=flag,
        scale=flag,
        **regularizers("beta", "gamma"),
    ),
    RMSNormalization=rule(axis=axes, epsilon=epsilon),
    UnitNormalization=rule(axis=axes),
    Normalization=rule(
        axis=either(only(None), axes),
        mean=optional(_constant),
        variance=optional(_constant),
        invert=flag,
    ),
    Rescaling=rule({"scale": _constant}, offset=_constant),
)

REGULARIZING = frozen(
    Dropout=rule({"rate": rate}, noise_shape=_noise),
    AlphaDropout=rule({"rate": rate}, noise_shape=_noise),
    SpatialDropout1D=rule({"rate": rate}),
    SpatialDropout2D=rule({"rate": rate}, data_format=layout),
    SpatialDropout3D=rule({"rate": rate}, data_format=layout),
    GaussianDropout=rule({"rate": rate}),
    GaussianNoise=rule({"stddev": number(0)}),
    ActivityRegularization=rule(l1=number(0), l2=number(0)),
)
