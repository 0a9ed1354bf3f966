"""What people really handed in on learning platforms: everybody has the row that is right."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from autograder.submissions.collect import collect
from autograder.submissions.submission import Collected

REPORTED = Path(__file__).parents[1] / "reported"
KNOWN = ("car_price", "digits_cnn")


def found(name: str) -> Collected:
    return collect([REPORTED / name], KNOWN)


def graded(collected: Collected) -> dict[str, str]:
    """Return what of each student is graded; each of them has a single row."""
    students = [one.student for one in collected.submissions]
    assert len(set(students)) == len(students)
    assert {one.exercise for one in collected.submissions} <= {"car_price"}
    return {one.student: one.source.partition(":")[2] for one in collected.submissions}


def reasons(collected: Collected) -> dict[str, str]:
    """Return why each student was rejected; each of them has a single row."""
    students = [one.student for one in collected.rejected]
    assert len(set(students)) == len(students)
    return {one.student: one.reason for one in collected.rejected}


@pytest.mark.parametrize(
    ("name", "of_the_graded", "said"),
    [
        ("moodle_wrong_endings.zip", "Ben Sample", {
            "Ada Example": "car_price.ipynb.json may be a notebook under another name",
            "Cy Third": "What was typed into the platform, also a link, is not graded",
            "Dee Fourth": '"Untitled0.ipynb - Colab.html" is a web page',
            "Eve Fifth": "car_price.ipynb.crdownload is a download that has not finished",
        }),
        ("canvas_wrong_endings.zip", "sampleben", {
            "exampleada": "car_price.ipynb.json may be a notebook under another name",
            "thirdcy": "car_price may be a notebook under another name",
            "fourthdee": "text.html is a web page",
        }),
    ],
)  # fmt: skip
def test_a_person_without_a_notebook_is_told_what_was_found(
    name: str, of_the_graded: str, said: dict[str, str]
) -> None:
    collected = found(name)
    assert set(graded(collected)) == {of_the_graded}
    assert all(one.notes == () for one in collected.submissions)
    told = reasons(collected)
    assert told.keys() == said.keys()
    for student, words in said.items():
        assert words in told[student]
        assert "hand in an .ipynb or .py file" in told[student]


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("windows_backslashes.zip", {"ada": "ada/car_price.ipynb", "ben": "ben/car_price.ipynb"}),
        ("moodle_with_a_windows_zip.zip", {
            "Ada Example": "Ada Example_101_assignsubmission_file_/work.zip:work/car_price.ipynb",
            "Ben Sample": "Ben Sample_102_assignsubmission_file_/car_price.ipynb",
        }),
        ("blackboard.zip", {
            "ada01": "Car Price_ada01_attempt_2026-10-03-22-11-09_car_price.ipynb",
            "ben02": "Car Price_ben02_attempt_2026-10-02-08-00-00_car_price_ben.ipynb",
            "cy03": "Car Price_cy03_attempt_2026-10-02-08-00-00_homework.ipynb",
        }),
        ("brightspace_flat.zip", {
            "Ada Example": "123456-700001 - Ada Example - Oct 3, 2026 1011 PM - car_price.ipynb",
            "Ben Sample": "223456-700001 - Ben Sample - Oct 2, 2026 801 AM - car_price (1).ipynb",
        }),
        ("brightspace_folders.zip", {
            "Ada Example": "123456-700001 - Ada Example - Oct 3, 2026 1011 PM/car_price.ipynb",
            "Ben Sample": "223456-700001 - Ben Sample - Oct 2, 2026 801 AM/car_price.ipynb",
        }),
        ("unicode_path_field.zip", {
            "Zo\N{LATIN SMALL LETTER E WITH ACUTE} M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller":
                "Zo\N{LATIN SMALL LETTER E WITH ACUTE} M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller"
                "_201_assignsubmission_file_/car_price.ipynb",
        }),
    ],
)  # fmt: skip
def test_everybody_is_graded_once_by_the_latest_attempt(name: str, files: dict[str, str]) -> None:
    collected = found(name)
    assert graded(collected) == files
    assert collected.rejected == ()


@pytest.mark.parametrize("helper_is_newer", [False, True])
def test_what_lies_beside_a_notebook_is_not_graded_in_its_place(
    tmp_path: Path, helper_is_newer: bool
) -> None:
    folder = tmp_path / "class"
    shutil.copytree(REPORTED / "helpers_beside_the_notebook", folder)
    for path in folder.glob("*/*"):
        newer = (path.suffix == ".py") == helper_is_newer
        os.utime(path, (2_000, 2_000) if newer else (1_000, 1_000))
    collected = collect([folder], KNOWN)
    assert collected.rejected == ()
    assert [one.source for one in collected.submissions] == [
        "class/ada/car_price.ipynb",
        "class/ben/car_price.ipynb",
    ]
    asides = [note for one in collected.submissions for note in one.notes]
    assert ["test_car_price.py" in asides[0], "car_price_utils.py" in asides[1]] == [True, True]


def test_copies_that_name_nobody_are_asked_about_and_never_merged() -> None:
    collected = found("google_classroom")
    assert set(graded(collected)) == {"Ada Example", "Ben Sample"}
    assert [(one.student, one.source) for one in collected.rejected] == [
        ("", "google_classroom/Copy of Copy of car_price.ipynb"),
        ("", "google_classroom/Copy of car_price.ipynb"),
    ]
    for one in collected.rejected:
        assert "does not say whose it is" in one.reason
        assert "Rename it like NAME - car_price.ipynb" in one.reason
    (note,) = next(one.notes for one in collected.submissions if one.student == "Ben Sample")
    assert "latest of 2" in note
