"""`check` and `grade` agree which exercise a file answers."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from autograder.commands.students import released_for
from autograder.errors import UnreadableNotebook
from autograder.notebooks import reader
from autograder.submissions.collect import collect

EXERCISES = ("car_price", "digits_cnn", "digits", "über_maß")
UNCLEAR = ""


def notebook(exercise: str = "") -> bytes:
    metadata = {"autograder": {"exercise": exercise}} if exercise else {}
    cell = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": []}
    return json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4}).encode()


SCRIPT = b"x = 1\n"
ODD = [
    ("car_price.ipynb", notebook(), "car_price"),
    ("ada_car_price.py", SCRIPT, "car_price"),
    ("CarPrice.py", SCRIPT, "car_price"),
    ("Car-Price (2).ipynb", notebook(), "car_price"),
    ("CAR PRICE final-3.IPYNB", notebook(), "car_price"),
    ("digits_cnn_digits.py", SCRIPT, "digits_cnn"),
    ("my digits 2.py", SCRIPT, "digits"),
    ("über-maß.py", SCRIPT, "über_maß"),
    ("car_price.py", notebook("digits"), "car_price"),
    ("mine.py", notebook("digits"), UNCLEAR),
    ("car_price.ipynb", notebook("digits"), "digits"),
    ("mine.ipynb", notebook("über_maß"), "über_maß"),
    ("mine.ipynb", notebook("digits").decode().encode("utf-16"), "digits"),
    ("mine.ipynb", b"\xef\xbb\xbf" + notebook("digits"), "digits"),
    ("mine.ipynb", notebook("../car_price"), UNCLEAR),
    ("mine.ipynb", notebook("unknown"), UNCLEAR),
    ("mine.ipynb", notebook(), UNCLEAR),
    ("digitsy.py", SCRIPT, UNCLEAR),
    ("car_price/mine.py", SCRIPT, "car_price"),
    ("car_price/old/mine.py", SCRIPT, "car_price"),
    ("car_price/digits/mine.py", SCRIPT, "digits"),
    ("car_price/digits_cnn.py", SCRIPT, "digits_cnn"),
    ("Car Price/mine.py", SCRIPT, UNCLEAR),
    ("../Ada Lovelace_12_assignsubmission_file_digits.py", SCRIPT, "digits"),
    ("../car_price_13_34567_digits.py", SCRIPT, "digits"),
    ("../lovelaceada_14_34567_car_price-1.py", SCRIPT, "car_price"),
]
"""Where a file lies below its student's folder, its bytes, and the exercise it answers.

A learning platform's names are read at the top of a class, so such files lie there.
"""


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A course's folder with released exercises of these names."""
    folder = tmp_path / "course" / "exercises"
    for name in EXERCISES:
        (folder / name).mkdir(parents=True)
        (folder / name / "visible.py").touch()
    (folder / "README.md").write_text("\n".join(EXERCISES), "utf-8")
    return folder.parent


def checked(file: Path, root: Path) -> str:
    """Return the exercise for which `check` takes a file."""
    read = reader.read(file.read_bytes(), file.suffix)
    try:
        return released_for(file, read.exercise or "", root)[0].name
    except click.UsageError:
        return UNCLEAR


@pytest.mark.parametrize("around", ["class", "digits"])
def test_check_and_grade_take_a_file_for_the_same_exercise(
    around: str, released: Path, tmp_path: Path
) -> None:
    top = tmp_path / around
    files = [(top / f"s{n:02}" / path).resolve() for n, (path, *_) in enumerate(ODD)]
    for file, (_, data, _) in zip(files, ODD, strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    by_check = {file: checked(file, released) for file in files}
    collected = collect([top], EXERCISES)
    by_grade = dict.fromkeys(files, UNCLEAR) | {
        one.location.path: one.exercise for one in collected.submissions
    }
    assert by_grade == by_check
    assert len(collected.submissions) + len(collected.rejected) == len(ODD)
    fallback = "digits" if around == "digits" else UNCLEAR
    expected = [exercise or fallback for *_, exercise in ODD]
    assert list(by_check.values()) == expected


def test_a_file_by_itself_is_taken_as_its_folder_says(released: Path, tmp_path: Path) -> None:
    file = tmp_path / "digits" / "mine.py"
    file.parent.mkdir()
    file.write_bytes(SCRIPT)
    assert checked(file, released) == "digits"
    (submission,) = collect([file], EXERCISES).submissions
    assert submission.exercise == "digits"
    (other,) = collect([file], EXERCISES, exercise="car_price").submissions
    assert other.exercise == "car_price"  # a folder above the argument counts after --exercise


def test_check_tells_of_a_name_that_contradicts_the_notebook(
    released: Path, tmp_path: Path
) -> None:
    file = tmp_path / "car_price.ipynb"
    file.write_bytes(notebook("digits"))
    folder, note = released_for(file, "digits", released)
    assert folder.name == "digits"
    assert note == "The file is named after car_price, but it is the notebook of digits."


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"PK\x03\x04autograder", b'{"autograder"', b"\xff\xfe"]
)
def test_what_is_no_notebook_states_no_exercise(data: bytes) -> None:
    assert reader.stated_exercise(data, ".ipynb") == ""
    with pytest.raises(UnreadableNotebook):
        reader.read(data, ".ipynb")


def test_an_exercise_named_by_option_counts_before_all_else(released: Path, tmp_path: Path) -> None:
    file = tmp_path / "car_price.ipynb"
    file.write_bytes(notebook("digits"))
    folder, note = released_for(file, "digits", released, "digits_cnn")
    assert (folder.name, note) == ("digits_cnn", "")
    with pytest.raises(click.UsageError, match=r"no exercise 'curve'.*there: car_price, digits"):
        released_for(file, "digits", released, "curve")


def test_check_names_the_exercise_that_the_course_does_not_have(
    released: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.ipynb"
    file.write_bytes(notebook("softmax"))
    with pytest.raises(click.UsageError, match=r"is the notebook of softmax.*--root"):
        released_for(file, "softmax", released)
