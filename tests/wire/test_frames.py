"""Frames: what is sent arrives equal, and bytes of any kind never raise anything but BadFrame."""

from __future__ import annotations

import io
import json
import math
import struct
import tracemalloc
from pathlib import PurePosixPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.errors import BadFrame
from autograder.wire import Caps, Handle, Opaque, Value, decode, encode
from autograder.wire.values import HANDLES

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_arrays = hnp.arrays(
    st.sampled_from(["<f2", "<f4", "<f8", "<i8", "|u1", "|b1"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
_texts = st.lists(_text, max_size=4).map(lambda texts: np.array(texts, dtype=str))
_texts |= st.tuples(_texts, st.sampled_from([(1, -1), (-1, 1)])).map(lambda p: p[0].reshape(p[1]))
_keys = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | _text
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
_paths = st.lists(st.text("abc.é", min_size=1, max_size=4), max_size=3).map("/".join)
_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(),
    _text,
    _text.map(lambda text: 300 * text),
    _arrays,
    _texts,
    st.binary(max_size=20),
    st.sets(_keys, max_size=4),
    _paths.map(PurePosixPath),
    st.builds(Opaque, _text),
    st.builds(Handle, st.sampled_from(HANDLES), st.integers(0, 2**63 - 1), _text),
)
_values = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(_keys, inner, max_size=4)
    ),
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
        same_type = left.dtype == right.dtype or (left.dtype.str, right.dtype.str) == ("<U0", "<U1")
        return same_type and np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
    if isinstance(left, list | tuple):
        return (
            type(left) is type(right) and len(left) == len(right) and all(map(_same, left, right))
        )
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
        '{"arrays":[],"body":{"!":"dict","v":[[["a"],1]]}}',
        '{"arrays":[],"body":{"!":"set","v":[1,1]}}',
        '{"arrays":[],"body":{"!":"tuple","v":1}}',
        '{"arrays":[],"body":{"!":"path","v":"a\\u0000b"}}',
        '{"arrays":[],"body":{"!":"handle","v":["model",-1,""]}}',
        '{"arrays":[],"body":{"!":"handle","v":["file",0,""]}}',
        '{"arrays":[],"body":{"!":"handle","v":["model",true,""]}}',
        '{"arrays":[["<U0",[3]]],"body":null}',
        '{"arrays":[["<U9999999",[999999]]],"body":null}',
        '{"arrays":[["<f4",[0]]],"body":{"!":"bytes","v":0}}',
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


@pytest.mark.parametrize("value", [object(), 1j, bytearray(b"a"), np.float32(1)])
def test_what_is_no_value_is_never_sent(value: object) -> None:
    with pytest.raises(BadFrame):
        encode(value)


@pytest.mark.parametrize(
    "array", [np.array([object()]), np.array([b"a"]), np.array([1j]), np.zeros(2, "<M8[s]")]
)
def test_arrays_of_anything_but_numbers_and_text_become_opaque(array: np.ndarray) -> None:
    assert isinstance(_decode(b"".join(encode(array))), Opaque)


def test_arrays_of_text_hold_characters_only() -> None:
    frame = b"".join(encode(np.array(["ab"])))
    with pytest.raises(BadFrame, match="no character"):
        _decode(frame[:-8] + struct.pack("<II", 0x61, 0x110000))
    halved = _decode(frame[:-8] + struct.pack("<II", 0x61, 0xD800))
    assert halved.tolist() == ["a?"]


def test_the_bytes_of_a_set_do_not_depend_on_its_order() -> None:
    # Numbers of equal hashes: a set shows them in the order in which they came.
    one, other = {0, 2**61 - 1}, {2**61 - 1, 0}
    assert list(one) != list(other)
    assert encode(one) == encode(other)


def test_lone_surrogates_do_not_survive() -> None:
    assert _decode(b"".join(encode("a\ud800b"))) == "a?b"
