"""results.json gives back exactly the results it was given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UnknownSchema
from autograder.report import json_file
from autograder.result import Check, Measure, Outcome, Result, Status, Visibility

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
NUMBERS = st.floats(0, 1e6)
MEASURES = st.builds(
    Measure, name=ANY_TEXT, value=st.none() | NUMBERS, limit=NUMBERS, tries=st.integers(1, 3)
)
CHECKS = st.builds(
    Check,
    id=ANY_TEXT,
    title=ANY_TEXT,
    visibility=st.sampled_from(Visibility),
    outcome=st.sampled_from(Outcome),
    points=NUMBERS,
    max_points=NUMBERS,
    message=ANY_TEXT,
    evidence=ANY_TEXT,
    seconds=NUMBERS,
    borderline=st.booleans(),
    measures=st.lists(MEASURES, max_size=2).map(tuple),
)
RESULTS = st.builds(
    Result,
    student=ANY_TEXT,
    exercise=ANY_TEXT,
    source=ANY_TEXT,
    sha256=ANY_TEXT,
    key=ANY_TEXT,
    status=st.sampled_from(Status),
    message=ANY_TEXT,
    checks=st.lists(CHECKS, max_size=3).map(tuple),
    notes=st.lists(ANY_TEXT, max_size=3).map(tuple),
    seconds=NUMBERS,
    cached=st.booleans(),
)


def result(student: str = "ada", **changes: Any) -> Result:
    known = {"exercise": "car_price", "source": "s", "sha256": "", "key": "k"}
    return Result(**{**known, "student": student, "status": Status.GRADED, **changes})


@given(results=st.lists(RESULTS, max_size=4))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, results: Any) -> None:
    folder = tmp_path_factory.mktemp("json")
    path = json_file.write(folder, results, version="1", environment={})
    read = json_file.read(path)
    assert list(map(surrogates_joined, read)) == list(map(surrogates_joined, results))


def surrogates_joined(result: Result) -> object:
    # JSON cannot tell two surrogates in a row from the one character they stand for.
    return json.loads(json.dumps(result.to_json()))


def test_the_document(tmp_path: Path) -> None:
    path = json_file.write(
        tmp_path / "new", [result(), result("bob")], version="0.1", environment={"seed": 7}
    )
    document = json.loads(path.read_bytes().decode("utf-8"))
    assert path == tmp_path / "new" / "results.json"
    assert {**document, "submissions": []} == {
        "schema": 1,
        "autograder": "0.1",
        "environment": {"seed": 7},
        "submissions": [],
    }
    assert [result["student"] for result in document["submissions"]] == ["ada", "bob"]
    assert document["submissions"][0]["score"] == 0.0


def test_no_character_acts_on_what_shows_the_file(tmp_path: Path) -> None:
    nasty = "a\x1b[2J\u202eb\u2066\u200b\x9bc\u2028d\x85\U000e0041\x7f"
    result = Result(nasty, "line", nasty, "", "", Status.GRADED, evidence=nasty)
    text = json_file.write(tmp_path, [result], version="1", environment={}).read_text("utf-8")
    assert all(char == "\n" or char.isprintable() for char in text)
    assert json_file.read(tmp_path / json_file.NAME)[0].evidence == nasty


def test_unicode_stays_readable_and_lone_surrogates_survive(tmp_path: Path) -> None:
    path = json_file.write(
        tmp_path, [result("Jos\u00e9", message="\ud800")], version="1", environment={}
    )
    assert "Jos\u00e9".encode() in path.read_bytes()
    assert json_file.read(path)[0].message == "\ud800"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_json_does_not_have_are_refused_before_anything_is_written(
    tmp_path: Path, value: Any
) -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_file.write(tmp_path, [result(seconds=value)], version="1", environment={})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ['{"schema": 2}', "[]", "{}"])
def test_another_schema_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(UnknownSchema, match="Grade the class again"):
        json_file.read(path)
