"""A learning platform's name says who handed in, which upload it is, and the file's own name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions import platforms


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
def test_moodle(name: str, student: str, number: str, file: str) -> None:
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
def test_canvas(name: str, student: str, attempt: int, file: str) -> None:
    found = platforms.parse(name)
    assert found is not None
    assert (found.student, found.attempt, found.file) == (student, attempt, file)


def test_text_typed_into_moodle_is_not_a_file() -> None:
    found = platforms.parse("Ada_1_assignsubmission_onlinetext_")
    assert found is not None
    assert not found.is_file


@pytest.mark.parametrize("name", ["ada", "car_price.ipynb", "car_price_2_final.ipynb", "_1_222_x"])
def test_other_names_are_nobodys(name: str) -> None:
    assert platforms.parse(name) is None


@given(st.text(max_size=60))
def test_any_name_is_parsed_without_an_error(name: Any) -> None:
    platforms.parse(name)
