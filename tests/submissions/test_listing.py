"""File names in sentences: plain ones as they are, others in quotation marks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.listing import listed, told


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("car_price.ipynb", "car_price.ipynb"),
        ("ada/line-2.py", "ada/line-2.py"),
        ("car price (1).ipynb", '"car price (1).ipynb"'),
        ("a.py. Graded by hand: 12.py", '"a.py. Graded by hand: 12.py"'),
        ("a\u202eyp.b", "a\N{REPLACEMENT CHARACTER}yp.b"),
    ],
)
def test_a_name_that_reads_like_a_sentence_is_quoted(name: str, words: str) -> None:
    assert told(name) == words


@given(st.lists(st.text(min_size=1), max_size=7))
def test_names_stay_on_one_line_of_bounded_length(names: Any) -> None:
    text = listed(names)
    assert len(text.splitlines()) <= 1
    assert len(text) <= 5 * 304 + 12
    assert all(char.isprintable() or char.isspace() for char in "".join(text.split('"')[::2]))
