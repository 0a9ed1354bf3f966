"""A student's own file name says which exercise, whose and which copy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions import file_names

KNOWN = ("car_price", "digits_cnn", "car", "xor")


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
def test_the_longest_exercise_named(stem: str, exercise: str) -> None:
    assert file_names.exercise_in(stem, KNOWN) == exercise


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
def test_the_owner_in_a_file_name(stem: str, owner: str) -> None:
    assert file_names.owner_in(stem, KNOWN).strip() == owner


@pytest.mark.parametrize(("stem", "number"), [("a", 0), ("a-2", 2), ("a (13)", 13), ("a2", 0)])
def test_copy_numbers(stem: str, number: int) -> None:
    assert file_names.copy_number(stem) == number


@given(st.text(max_size=60))
def test_any_name_is_read_without_an_error(name: Any) -> None:
    assert file_names.exercise_in(name, KNOWN) in ("", *KNOWN)
    assert len(file_names.owner_in(name, KNOWN)) <= len(name) + 1
    assert file_names.copy_number(name) >= 0
