"""Whatever a student's process sends as outputs: outputs of a notebook come in, or BadOutputs."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import BadOutputs
from autograder.notebooks import outputs
from autograder.worker.recorder import Recorder, to_json

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["output_type", "name", "text", "data", "ename"]) | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def array(value: Any) -> np.ndarray[Any, Any]:
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        found = outputs.read(array(value))
    except BadOutputs:
        return
    cell = nbformat.v4.new_code_cell(outputs=found)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode("utf-8")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        outputs.read_each(np.frombuffer(content, dtype=np.uint8), 1)
    except BadOutputs:
        return


@pytest.mark.parametrize("raw", [None, b"[]", np.zeros(2), np.zeros((2, 2), dtype=np.uint8), "[]"])
def test_only_bytes_in_an_array_are_read(raw: Any) -> None:
    with pytest.raises(BadOutputs):
        outputs.read(raw)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(BadOutputs):
        outputs.read(np.frombuffer(b"[" * 100_000 + b"]" * 100_000, dtype=np.uint8))


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "a\ud800b"}
    assert outputs.read(array([stream]))[0].text == "a?b"


def test_one_list_for_each_cell() -> None:
    with pytest.raises(BadOutputs, match="each cell"):
        outputs.read_each(array([[], []]), 3)
    assert outputs.read_each(array([[], []]), 2) == ([], [])


def test_a_recorder_leaves_out_what_is_too_much_but_no_error() -> None:
    recorder = Recorder()
    for _ in range(20):
        recorder.stream("stdout", "x" * 1_000_000)
    recorder.error("ValueError", "last", [])
    found = outputs.read(np.frombuffer(to_json(recorder.take()), dtype=np.uint8))
    assert sum(len(one.get("text", "")) for one in found) < 9 << 20
    assert "left out" in found[-2].text
    assert found[-1].ename == "ValueError"


def test_streams_join_and_displays_are_updated_and_cleared() -> None:
    recorder = Recorder()
    recorder.stream("stdout", "a")
    recorder.stream("stdout", "b")
    recorder.display({"text/plain": "0 %"}, {}, "bar")
    recorder.update({"text/plain": "100 %"}, {}, "bar")
    recorder.end_cell()
    recorder.stream("stdout", "gone")
    recorder.clear(wait=True)
    assert recorder.outputs[0]["text"] == "gone"
    recorder.stream("stdout", "new")
    recorder.end_cell()
    first, second = outputs.read_each(np.frombuffer(recorder.to_json(), dtype=np.uint8), 2)
    assert [one.get("text") or one.data["text/plain"] for one in first] == ["ab", "100 %"]
    assert [one.text for one in second] == ["new"]
