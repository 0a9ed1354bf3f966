"""Allow-list: recurrent layers, their cells and wrappers, and attention."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.model.allowlist.fields import (
    Field,
    either,
    integer,
    only,
    optional,
    per_axis,
    several,
)
from autograder.model.allowlist.rules import (
    FLAG,
    TENSOR,
    TENSORS,
    LayerRule,
    activation,
    axis,
    flag,
    frozen,
    layout,
    rate,
    regularizers,
    rule,
    size,
)

_RECURRENT_CALL = {"initial_state": TENSORS, "mask": TENSOR}
_CELLS = frozenset({"SimpleRNNCell", "GRUCell", "LSTMCell"})
_CELL = {
    "activation": activation,
    "use_bias": flag,
    "dropout": rate,
    "recurrent_dropout": rate,
    **regularizers("kernel", "recurrent", "bias"),
}
_SEQUENCE = {
    "return_sequences": flag,
    "return_state": flag,
    "go_backwards": flag,
    "stateful": only(False),
    "unroll": flag,
    "zero_output_for_mask": flag,
}
_GATES = {"recurrent_activation": activation}
_LSTM = {**_GATES, "unit_forget_bias": flag}
_GRU = {**_GATES, "reset_after": flag}
_FUSED = {"sliding_window": optional(size), "use_gate": flag}
_ATTENTION_CALL = {
    "value": TENSOR,
    "key": TENSOR,
    "query_mask": TENSOR,
    "value_mask": TENSOR,
    "key_mask": TENSOR,
    "attention_mask": TENSOR,
    "return_attention_scores": FLAG,
    "use_causal_mask": FLAG,
}
_PLAIN_ATTENTION_CALL = {
    "mask": TENSORS,
    "return_attention_scores": FLAG,
    "use_causal_mask": FLAG,
}


def _convolutional(rank: int) -> LayerRule:
    window = per_axis(size, rank)
    sequence = {name: _SEQUENCE[name] for name in _SEQUENCE if name != "unroll"}
    return rule(
        {"filters": size, "kernel_size": window},
        strides=window,
        padding=only("valid", "same"),
        data_format=layout,
        dilation_rate=window,
        **{**sequence, **_CELL, **_LSTM},
    ).called_with(**_RECURRENT_CALL)


def _recurrent(**fields: Field) -> LayerRule:
    return rule({"units": size}, **{**_SEQUENCE, **_CELL, **fields}).called_with(**_RECURRENT_CALL)


RECURRENT = frozen(
    SimpleRNN=_recurrent(),
    GRU=_recurrent(**_GRU),
    LSTM=_recurrent(**_LSTM),
    ConvLSTM1D=_convolutional(1),
    ConvLSTM2D=_convolutional(2),
    ConvLSTM3D=_convolutional(3),
    RNN=rule(**_SEQUENCE).called_with(**_RECURRENT_CALL).holding(cell=_CELLS | {"StackedRNNCells"}),
)

# Cells are only ever arguments of other layers.
CELLS = frozen(
    SimpleRNNCell=rule({"units": size}, **_CELL),
    GRUCell=rule({"units": size}, **{**_CELL, **_GRU}),
    LSTMCell=rule({"units": size}, **{**_CELL, **_LSTM}),
    StackedRNNCells=rule().holding(cells=_CELLS),
)

_SEQUENTIAL = frozenset(RECURRENT)


def wrappers(wrapped: frozenset[str]) -> Mapping[str, LayerRule]:
    """Return the wrappers' entries; `wrapped` are the classes that they may hold."""
    both = rule(merge_mode=only("sum", "mul", "concat", "ave", None))
    return frozen(
        Bidirectional=both.called_with(**_RECURRENT_CALL).holding(
            layer=_SEQUENTIAL, backward_layer=_SEQUENTIAL
        ),
        TimeDistributed=rule().called_with(mask=TENSOR).holding(layer=wrapped | {"Bidirectional"}),
        SpectralNormalization=rule(power_iterations=integer(1, 100)).holding(layer=wrapped),
    )


ATTENTION = frozen(
    Attention=rule(use_scale=flag, score_mode=only("dot", "concat"), dropout=rate)
    .on_several()
    .called_with(**_PLAIN_ATTENTION_CALL),
    AdditiveAttention=rule(use_scale=flag, dropout=rate)
    .on_several()
    .called_with(**_PLAIN_ATTENTION_CALL),
    MultiHeadAttention=rule(
        {"num_heads": size, "key_dim": size},
        value_dim=optional(size),
        dropout=rate,
        use_bias=flag,
        output_shape=optional(either(size, several(size, 1, 8))),
        attention_axes=optional(either(axis, several(axis, 1, 8))),
        **{**_FUSED, **regularizers("kernel", "bias")},
    ).called_with(**_ATTENTION_CALL),
    GroupQueryAttention=rule(
        {"head_dim": size, "num_query_heads": size, "num_key_value_heads": size},
        dropout=rate,
        use_bias=flag,
        **{**_FUSED, **regularizers("kernel", "bias")},
    ).called_with(**_ATTENTION_CALL),
)
