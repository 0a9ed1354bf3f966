"""Frames: what is sent arrives equal, and bytes of any kind never raise anything but BadFrame."""

from __future__ import annotations

import io
import json
import math
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.errors import BadFrame
from autograder.wire import Caps, Opaque, Value, decode, encode

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_arrays = hnp.arrays(
    st.sampled_from(["<f2", "<f4", "<f8", "<i8", "|u1", "|b1"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(),
    _text,
    _arrays,
    st.builds(Opaque, _text),
)
_values = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner, max_size=4),
    max_leaves=12,
)


def _decode(data: bytes, caps: Caps | None = None) -> Value:
    stream = io.BytesIO(data)

    def read(size: int) -> bytes:
        found = stream.read(size)
        if len(found) < size:
            raise EOFError
        return found

    return decode(read, caps)


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and np.array_equal(
            left, right, equal_nan=left.dtype.kind == "f"
        )
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(_same(left[k], right[k]) for k in left)
    if isinstance(left, float) and math.isnan(left):
        return isinstance(right, float) and math.isnan(right)
    return type(left) is type(right) and bool(left == right)


@given(_values)
def test_what_is_sent_arrives_equal(value: Value) -> None:
    assert _same(value, _decode(b"".join(encode(value))))


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_as_frames(data: bytes) -> None:
    with pytest.raises((BadFrame, EOFError)):
        _decode(data)


@given(_values, st.data())
def test_a_changed_byte_gives_a_value_or_bad_frame(value: Value, data: st.DataObject) -> None:
    frame = bytearray(b"".join(encode(value)))
    position = data.draw(st.integers(4, len(frame) - 1))
    frame[position] ^= data.draw(st.integers(1, 255))
    try:
        _decode(bytes(frame))
    except (BadFrame, EOFError):
        return


@pytest.mark.parametrize(
    "text",
    [
        '{"arrays":[],"body":NaN}',
        '{"arrays":[],"body":1e999}',
        '{"arrays":[],"arrays":[],"body":1}',
        '{"arrays":[],"body":' + "9" * 5000 + "}",
        '{"arrays":[],"body":' + "[" * 5000 + "]" * 5000 + "}",
        '{"arrays":[["|O",[1]]],"body":null}',
        '{"arrays":[[["<f4"],[1]]],"body":null}',
        '{"arrays":[["<f4",[-1]]],"body":null}',
        '{"arrays":[["<f4",[1000000,1000000]]],"body":null}',
        '{"arrays":[["<f4",[9223372036854775807,8,0]]],"body":{"!":"array","v":1}}',
        '{"arrays":[],"body":{"!":"array","v":true}}',
        '{"arrays":[],"body":{"!":"pickle","v":"x"}}',
        '{"arrays":[],"body":{"a":1}}',
        '{"arrays":[],"body":{"!":"dict","v":[["a",1],["a",2]]}}',
        "[]",
        "",
    ],
)
def test_malformed_frames_are_refused(text: str) -> None:
    data = text.encode()
    with pytest.raises(BadFrame):
        _decode(struct.pack("!I", len(data)) + data)


def test_a_declared_size_takes_no_memory_before_it_is_checked() -> None:
    header = json.dumps({"arrays": [["|u1", [200 << 20]]], "body": None}).encode()
    tracemalloc.start()
    with pytest.raises(BadFrame):
        _decode(struct.pack("!I", len(header)) + header, Caps(array_bytes=1 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_a_long_header_is_refused_unread() -> None:
    with pytest.raises(BadFrame, match="bytes of JSON"):
        _decode(struct.pack("!I", 1 << 31))


@pytest.mark.parametrize("value", [object(), b"bytes", 1j, {1, 2}, np.float32(1)])
def test_what_is_no_value_is_never_sent(value: object) -> None:
    with pytest.raises(BadFrame):
        encode(value)


@pytest.mark.parametrize(
    "array", [np.array([object()]), np.array(["a"]), np.array([1j]), np.zeros(2, "<M8[s]")]
)
def test_arrays_of_anything_but_numbers_become_opaque(array: np.ndarray) -> None:
    assert isinstance(_decode(b"".join(encode(array))), Opaque)


def test_lone_surrogates_do_not_survive() -> None:
    assert _decode(b"".join(encode("a\ud800b"))) == "a?b"
