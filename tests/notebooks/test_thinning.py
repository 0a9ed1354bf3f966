"""Outputs cost a notebook nothing, and whatever is in a file, reading it takes little memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.notebooks.thinning import thinned

MOST = 100  # MiB for a file of 20 MB
UNREAD = ("outputs", "attachments", "widgets")
MEASURE = """
import gc, sys
from autograder.errors import UnreadableNotebook
from autograder.notebooks import reader

def cell(outputs="[]", source='"x = 1"', metadata="{}"):
    return (
        '{"cells": [{"cell_type": "code", "source": %s, "metadata": %s, "outputs": %s}], '
        '"metadata": {}, "nbformat": 4, "nbformat_minor": 5}' % (source, metadata, outputs)
    )

def many(part, size=19_900_000):
    return "[" + ",".join([part] * (size // (len(part) + 1))) + "]"

FILES = {
    "a picture": lambda: cell('[{"data": {"image/png": "%s"}}]' % ("A" * 19_000_000)),
    "a plot's numbers": lambda: cell('[{"data": {"plot": %s}}]' % many("0.123456")),
    "printed lines": lambda: cell('[{"text": %s}]' % many(r'"step 1\\\\n"')),
    "printed emoji": lambda: cell('[{"text": "%s"}]' % ("\U0001f600" * 4_900_000)),
    "empty objects": lambda: cell(metadata='{"a": %s}' % many("{}")),
    "small objects": lambda: cell(metadata='{"a": %s}' % many('{"":0}')),
    "empty lists": lambda: cell(metadata='{"a": %s}' % many("[]")),
    "lines of code": lambda: cell(source=many(r'"x = 1\\\\n"')),
    "a long line": lambda: cell(source='"%s"' % ("x" * 19_000_000)),
    "a script": lambda: "x = 1\\n" * 3_300_000,
    "quotation marks": lambda: '"' * 19_900_000,
    "escapes": lambda: cell('[{"text": "%s"}]' % (r"\\\\n" * 6_000_000)),
    "open brackets": lambda: '{"outputs": ' + "[" * 19_000_000,
    "outputs of outputs": lambda: '{"outputs": [' * 1_400_000,
}

def peak():
    with open("/proc/self/status") as stream:
        return next(int(line.split()[1]) for line in stream if line.startswith("VmHWM")) >> 10

name = sys.argv[1]
data = FILES[name]().encode()
gc.collect()
with open("/proc/self/clear_refs", "w") as stream:
    stream.write("5")  # the peak counts from here
before = peak()
try:
    said = len(reader.read(data, ".py" if name == "a script" else ".ipynb").code)
except UnreadableNotebook:
    said = 0
print(said, peak() - before)
"""
READ = ("a picture", "a plot's numbers", "printed lines", "printed emoji", "escapes")
REFUSED = (
    *("empty objects", "small objects", "empty lists", "lines of code", "a long line"),
    *("a script", "quotation marks", "open brackets", "outputs of outputs"),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*READ, *REFUSED])
def test_reading_a_file_of_20_megabytes_takes_little_memory(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE.replace("\\\\", "\\"), name],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    cells, mebibytes = map(int, done.stdout.split())
    assert cells == (name in READ)
    assert mebibytes < MOST


_words = st.sampled_from(
    ["outputs", '"outputs": [', "widgets", "[", "}", "\\", '"', '\\"', "x", "é", ":", " "]
)
_texts = st.lists(_words, max_size=5).map("".join)
_values = st.recursive(
    st.none() | st.integers() | _texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(_texts | st.sampled_from(UNREAD), inner, max_size=4)
    ),
    max_leaves=20,
)


def _emptied(value: Any) -> Any:
    """Return a value with empty lists and dicts under the keys that nobody reads."""
    if isinstance(value, list):
        return list(map(_emptied, value))
    if not isinstance(value, dict):
        return value
    return {
        key: type(held)() if key in UNREAD and isinstance(held, list | dict) else _emptied(held)
        for key, held in value.items()
    }


@given(_values, st.sampled_from([None, 1]), st.booleans())
def test_what_is_left_of_a_notebook_is_the_same(value: Any, indent: Any, is_ascii: bool) -> None:
    whole = {"value": value, "pad": "x" * (1 << 16)}
    text = json.dumps(whole, indent=indent, ensure_ascii=is_ascii)
    assert json.loads(thinned(text.encode())) == _emptied(whole)


@given(st.binary(max_size=200), st.sampled_from([b"", b'{"outputs": [', b'{"a": "']))
def test_any_bytes_come_back_as_bytes(data: Any, before: bytes) -> None:
    padded = before + data + b" " * (1 << 16)
    assert len(thinned(padded)) <= len(padded)
