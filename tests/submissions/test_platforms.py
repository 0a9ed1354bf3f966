"""Platform names say who and which upload; the rest of a name says which exercise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions import platforms

KNOWN = ("car_price", "digits_cnn", "car", "xor")


@pytest.mark.parametrize(
    ("name", "student", "number", "file"),
    [
        ("Lovelace Ada_12345_assignsubmission_file_", "Lovelace Ada", "12345", ""),
        ("Lovelace Ada_12345_assignsubmission_file", "Lovelace Ada", "12345", ""),
        ("Ada_1_assignsubmission_file_car_price.ipynb", "Ada", "1", "car_price.ipynb"),
        ("Participant_77_assignsubmission_file_", "Participant 77", "77", ""),
        ("A_1_assignsubmission_file_B_2_assignsubmission_file_x.py", "A", "1",
         "B_2_assignsubmission_file_x.py"),
    ],
)  # fmt: skip
def test_moodle(name, student, number, file):
    found = platforms.parse(name)
    assert found == platforms.PlatformName(student, number, file, 0, is_file=True)


@pytest.mark.parametrize(
    ("name", "student", "attempt", "file"),
    [
        ("lovelaceada_12345_67890_car_price.ipynb", "lovelaceada", 67890, "car_price.ipynb"),
        ("lovelaceada_LATE_1_67890_car_price-1.ipynb", "lovelaceada", 67890, "car_price-1.ipynb"),
        ("anon_LATE_a1B2c_67890_hw.zip", "anon a1B2c", 67890, "hw.zip"),
        ("mallory_1_222_bob_3_444_car_price.py", "mallory", 222, "bob_3_444_car_price.py"),
    ],
)
def test_canvas(name, student, attempt, file):
    found = platforms.parse(name)
    assert found is not None
    assert (found.student, found.attempt, found.file) == (student, attempt, file)


def test_text_typed_into_moodle_is_not_a_file():
    found = platforms.parse("Ada_1_assignsubmission_onlinetext_")
    assert found is not None
    assert not found.is_file


@pytest.mark.parametrize("name", ["ada", "car_price.ipynb", "car_price_2_final.ipynb", "_1_222_x"])
def test_other_names_are_nobodys(name):
    assert platforms.parse(name) is None


@pytest.mark.parametrize(
    ("stem", "exercise"),
    [
        ("car_price", "car_price"),
        ("Car-Price (1)", "car_price"),
        ("CAR PRICE_final", "car_price"),
        ("CarPrice", "car_price"),
        ("my_car_price-3", "car_price"),
        ("car_price2", "car_price"),
        ("digits_cnn_car", "digits_cnn"),
        ("car", "car"),
        ("xorbit", ""),
        ("homework", ""),
        ("", ""),
    ],
)
def test_the_longest_exercise_named(stem, exercise):
    assert platforms.exercise_in(stem, KNOWN) == exercise


@pytest.mark.parametrize(
    ("stem", "owner"),
    [
        ("car_price", ""),
        ("car_price_final (2)", ""),
        ("car_price_ada", "ada"),
        ("Ada_Car_Price-1", "Ada"),
        ("ada lovelace", "ada lovelace"),
        ("draft_v2", ""),
    ],
)
def test_the_owner_in_a_file_name(stem, owner):
    assert platforms.owner_in(stem, KNOWN).strip() == owner


@pytest.mark.parametrize(("stem", "number"), [("a", 0), ("a-2", 2), ("a (13)", 13), ("a2", 0)])
def test_copy_numbers(stem, number):
    assert platforms.copy_number(stem) == number


@given(st.text(max_size=60))
def test_any_name_is_parsed_without_an_error(name):
    platforms.parse(name)
    assert platforms.exercise_in(name, KNOWN) in ("", *KNOWN)
    assert len(platforms.owner_in(name, KNOWN)) <= len(name) + 1
