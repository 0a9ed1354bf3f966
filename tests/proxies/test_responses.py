"""A student worker's answers are untrusted: strict reading, BadReply and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import BadResponse
from autograder.proxies.responses import (
    Answered,
    Called,
    Described,
    Failure,
    answered,
    called,
    described,
    loaded,
)
from autograder.wire import Handle

FAILURE = {
    "type": "ValueError",
    "message": "no",
    "line": "",
    "traceback": "",
    "not_attempted": False,
    "bases": ["ValueError", "Exception"],
    "blocked": False,
    "memory": False,
}
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_names = st.sampled_from(
    "id error value built changed reports functions shown description refused".split()
)
_answers = st.dictionaries(_names, _anything, max_size=4)


@given(_answers)
def test_whatever_arrives_is_read_or_refused(answer: dict[str, Any]) -> None:
    for read in (lambda a: loaded(a, 1), described, answered, lambda a: called(a, 1)):
        try:
            read(answer)
        except BadResponse:
            continue


@given(st.sampled_from(sorted(FAILURE)), _anything)
def test_a_failure_with_one_field_changed_is_typed_or_refused(name: str, value: object) -> None:
    try:
        failure = called({"id": 1, "error": {**FAILURE, name: value}}, 0)
    except BadResponse:
        return
    assert isinstance(failure, Failure)
    expected = tuple if name == "bases" else type(FAILURE[name])
    assert isinstance(getattr(failure, name), expected)


def test_honest_answers_are_read() -> None:
    assert called({"id": 1, "value": [1], "built": [], "changed": [0]}, 0) == Called([1], (), (0,))
    model = Handle("model", 3, "Functional")
    read = called({"id": 1, "value": model, "built": [4], "changed": []}, 1)
    assert read == Called(model, (4,), ())
    assert described({"id": 1, "refused": "a Lambda"}) == Described(None, "a Lambda")
    answers: dict[str, Any] = {"eager": [], "graph": [], "layers": []}
    further = {"failed": "ValueError: no", "description": None}
    response = {"id": 1, "answers": {**answers, **further}}
    assert answered(response) == Answered(answers, "ValueError: no")
    plain = {"id": 1, "reports": [], "functions": ["train"], "shown": None}
    assert loaded(plain, 0).functions == {"train"}


_REPORT = {
    "index": 0,
    "status": "ran",
    "error_type": None,
    "error_message": None,
    "line": None,
    "seconds": 0.1,
    "notes": [],
}


@pytest.mark.parametrize("change", [{}, {"status": []}, {"index": "0"}, {"notes": [1]}, {"x": 1}])
def test_a_report_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    answer = {"id": 1, "reports": [{**_REPORT, **change}], "functions": [], "shown": None}
    if change:
        with pytest.raises(BadResponse):
            loaded(answer, 1)
    else:
        assert loaded(answer, 1).reports[0].status == "ran"


def test_one_report_for_each_cell() -> None:
    with pytest.raises(BadResponse, match="each cell"):
        loaded({"id": 1, "reports": [_REPORT] * 3, "functions": [], "shown": None}, 1)


def test_long_texts_are_cut() -> None:
    failure = called({"id": 1, "error": {**FAILURE, "type": "x" * 60_000}}, 0)
    assert isinstance(failure, Failure)
    assert len(failure.type) < 10_000


@pytest.mark.parametrize(
    "answer",
    [
        {"id": 1, "value": 1, "built": [0], "changed": []},
        {"id": 1, "value": 1, "built": 0, "changed": []},
        {"id": 1, "value": 1, "built": [], "changed": [-1]},
        {"id": 1, "value": 1, "built": [], "changed": [True]},
        {"id": 1, "value": 1, "built": []},
        {"id": 1, "value": 1},
        {"id": 1, "value": 1, "built": [], "changed": [], "score": 12},
    ],
)
def test_forged_answers_are_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(BadResponse):
        called(answer, 0)
