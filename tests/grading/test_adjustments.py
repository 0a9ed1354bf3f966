"""adjustments.csv: every row is applied or refused by its line, and no text is a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import AdjustmentError
from autograder.grading import adjustments
from autograder.grading.adjustments import COLUMNS, Adjustment
from autograder.report.csv_file import neutral
from autograder.result import Check, Outcome, Visibility
from autograder.submissions.owners import clean_name

HEAD = ",".join(COLUMNS)
WORTH = {"test_a": 2.0, "why": 3.0}


def file(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "adjustments.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def compare(path: Path) -> None:
    """Read a file and compare it with a class of Ada and Bo, who handed in `line`."""
    rows = adjustments.read(path)
    rows.check({"line": {"Ada", "Bo"}}, {"line", "curve"}, lambda _: WORTH)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Eve,line,why,1,", "no student 'Eve' who handed in line; there: Ada, Bo"),
        ("Ada,lime,why,1,", "no exercise 'lime'; there: curve, line"),
        ("Ada,line,wy,1,", "no check 'wy' of line; there: test_a, why"),
        ("Ada,curve,wy,1,", "no check 'wy' of curve"),
        ("Ada,line,why,3.5,", "3.5 points are more than the 3 of why"),
        ("Ada,line,why,one,", "points is 'one', expected a number"),
        ("Ada,line,why,-1,", "points is '-1'"),
        ("Ada,line,why,nan,", "points is 'nan'"),
        ("Ada,line,why,inf,", "points is 'inf'"),
        ("Ada,line,why,1_0,", "points is '1_0'"),
        ("Ada,line,why,1e0,", "points is '1e0'"),
        ("Ada,line,why,٣,", "points is '٣'"),
        ("Ada,line,why", "has 3 cells, expected 5"),
        ("Ada,line,why,1,good,work", "has 6 cells, expected 5: put a text that holds ','"),
        ('Ada,line,why,1,"good', "is no row of CSV"),
        ("Ada,line,why,1,\nBo,line,why,2,\nAda,line,why,2,", ":6: why of Ada in line stands in"),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_its_line(row: str, words: str, tmp_path: Path) -> None:
    path = file(tmp_path, f'{HEAD}\nBo,line,test_a,,"fine\nwork"\n{row}\n')
    with pytest.raises(AdjustmentError) as error:
        compare(path)
    assert words in str(error.value)
    if ":6:" not in words:
        assert str(error.value).startswith(f"{path}:4: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ":1: is empty; its first line is student,exercise,check,points,comment"),
        ("student,exercise,check,points\n", ":1: the header is 'student,exercise,check,points'"),
        ("Ada,line,why,1,\n", "the header is"),
        (f"{HEAD}\nAda,line,why,1,\nJos\xe9,line,why,1,\n".encode("latin-1"), ":3: is not UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_refused(text: str | bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(AdjustmentError) as error:
        compare(file(tmp_path, text))
    assert words in str(error.value)


def test_what_spreadsheets_write_is_read(tmp_path: Path) -> None:
    text = "\ufeffstudent;exercise;check;comment;points\r\nAda;line;why;Gut, knapp;1,5\r\n;;;;\r\n"
    rows = adjustments.read(file(tmp_path, text)).of("Ada", "line")
    assert rows == {"why": Adjustment(2, "Ada", "line", "why", 1.5, "Gut, knapp")}


def test_rows_of_an_exercise_that_is_not_graded_now_stay_for_later(tmp_path: Path) -> None:
    compare(file(tmp_path, f"{HEAD}\nZoe,curve,test_a,1,of last week\n"))


CHECK = Check("why", "Why?", Visibility.HIDDEN, Outcome.PARTIAL, 1.0, 3.0, "hint")


@pytest.mark.parametrize(
    ("points", "outcome"), [(0.0, "failed"), (1.5, "partial"), (3.0, "passed"), (None, "partial")]
)
def test_the_points_of_a_person_count_and_those_before_are_kept(
    points: float | None, outcome: str
) -> None:
    adjusted = Adjustment(2, "Ada", "line", "why", points, "well").applied(CHECK)
    assert adjusted.outcome == outcome
    assert adjusted.points == (1.0 if points is None else points)
    assert adjusted.is_adjusted == (points is not None)
    assert adjusted.review is not None
    assert (adjusted.review.points, adjusted.review.outcome) == (1.0, "partial")
    assert Check.from_json(adjusted.to_json()) == adjusted
    assert Check.from_json(CHECK.to_json()) == CHECK
    assert {"review", "answer"}.isdisjoint(CHECK.to_json())


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(clean_name)
COMMENTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=30
).map(str.strip)


@given(
    st.dictionaries(NAMES, st.tuples(st.none() | st.floats(0, 3), COMMENTS), max_size=5),
    st.sampled_from([",", ";"]),
)
def test_every_row_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory,
    given: dict[str, tuple[float | None, str]],
    delimiter: str,
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(COLUMNS)
    for name, (points, comment) in given.items():
        shown = "" if points is None else f"{points:.12f}"
        writer.writerow([neutral(name), "line", "why", shown, neutral(comment)])
    path = file(tmp_path_factory.mktemp("csv"), stream.getvalue())
    rows = adjustments.read(path)
    rows.check({"line": set(given)}, {"line"}, lambda _: WORTH)
    for name, (points, comment) in given.items():
        row = rows.of(name, "line")["why"]
        assert row.comment == comment
        assert row.points == (None if points is None else pytest.approx(points, abs=1e-11))
    assert len(rows.rows) == len(given)


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda b: b.decode("latin-1")))
def test_any_bytes_are_rows_or_an_error_that_names_a_line(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = file(tmp_path_factory.mktemp("csv"), f"{HEAD}\n{text}".encode("utf-8", "surrogatepass"))
    try:
        compare(path)
    except AdjustmentError as error:
        line = str(error).removeprefix(f"{path}:").partition(":")[0]
        assert line.isdecimal()
        assert 1 <= int(line) <= text.count("\n") + text.count("\r") + 2
