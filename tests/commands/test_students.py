"""`check` and `grade` agree on all that comes before grading: exercise, size, ending, encoding."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import click
import pytest

from autograder.commands.students import read_as_grade_does, released_for
from autograder.errors import UnreadableNotebook
from autograder.notebooks import reader
from autograder.notebooks.file_size import MAX_FILE_BYTES
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


UNREADABLE = {
    "empty.py": b"",
    "blank.ipynb": b" \n\0",
    "broken.ipynb": notebook()[:-20],
    "page.ipynb": b"<html></html>",
    "packed.ipynb": b"PK\x03\x04",
    "list.ipynb": b"[1, 2]",
    "no_code.ipynb": notebook().replace(b"x = 1", b""),
    "large.py": b"x = 1 #" + b"x" * MAX_FILE_BYTES,
    "car_price.ipynb.json": notebook("car_price"),
    "car_price.pdf": b"%PDF",
    "car_price": notebook("car_price"),
    "half.ipynb.crdownload": notebook("car_price"),
    "damaged.zip": b"PK\x03\x04 damaged",
    "conflict.py": b"<<<<<<< ours\nx = 1\n=======\nx = 2\n>>>>>>> theirs\n",
}
ENCODED = {
    "ascii.py": SCRIPT,
    "marked.py": b"\xef\xbb\xbf" + SCRIPT,
    "utf_16.py": SCRIPT.decode().encode("utf-16"),
    "windows.py": "x = '\u00e4\u20ac'\r\n".encode("cp1252"),
    "japanese.py": "# -*- coding: shift_jis -*-\nx = '\u8868'\n".encode("shift_jis"),
    "utf_16.ipynb": notebook("digits").decode().encode("utf-16"),
    "CAPITAL.IPYNB": notebook("digits"),
    ".ipynb": notebook("digits"),
}


@pytest.mark.parametrize("name", [*UNREADABLE, *ENCODED])
def test_check_and_grade_read_the_same_or_refuse_with_the_same_words(
    name: str, tmp_path: Path
) -> None:
    """What `grade` does: it collects a class's files, and reads a file before it is graded."""
    file = tmp_path / "Ada_11_assignsubmission_file_" / name
    file.parent.mkdir()
    file.write_bytes((UNREADABLE | ENCODED)[name])
    try:
        by_check: object = read_as_grade_does(file, EXERCISES)
    except click.ClickException as error:
        by_check = error.message.removeprefix(f"{file}: ")
    assert by_check == graded(tmp_path)
    assert isinstance(by_check, str) == (name in UNREADABLE)


def graded(folder: Path) -> object:
    """Return the cells of the only file in a folder as `grade` reads them, or its refusal."""
    collected = collect([folder], EXERCISES, exercise="digits")
    for refusal in collected.rejected:
        return refusal.reason
    (submission,) = collected.submissions
    try:
        return reader.read(submission.read(), submission.suffix)
    except UnreadableNotebook as error:
        return str(error)


def test_check_names_what_grade_would_take_out_of_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "work.zip", "w") as archive:
        archive.writestr("work/car_price.ipynb", notebook("car_price"))
    with pytest.raises(click.ClickException, match=r"Unpack it.*work\.zip:work/car_price\.ipynb"):
        read_as_grade_does(tmp_path / "work.zip", EXERCISES)


def test_check_notes_that_only_the_folder_names_the_exercise(
    released: Path, tmp_path: Path
) -> None:
    file = tmp_path / "digits" / "mine.py"
    file.parent.mkdir()
    file.write_bytes(SCRIPT)
    _, note = released_for(file, "", released)
    assert "Name it like digits.py before you hand it in" in note


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
