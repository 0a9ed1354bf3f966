"""The guide on what the grader reads: every example ends as the page says."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops
from sklearn.linear_model import LinearRegression

from autograder.errors import UndescribableModel
from autograder.model.describing.describe import read_model
from autograder.model.rebuilding.build import build
from autograder.model.rebuilding.parse import parse

PAGE = Path(__file__).parents[3] / "docs" / "guides" / "what-the-grader-reads.md"
BLOCK = re.compile(r"^```(\S+)(?: title=\"([^\"\n]*)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
READ, REFUSED, INSTEAD = "is read", "is refused", "instead"


def blocks() -> list[tuple[str, str, str]]:
    """Return the language, the title and the text of each block of code on the page."""
    return BLOCK.findall(PAGE.read_text("utf-8"))


def examples(*titles: str) -> list[Any]:
    found = [text for language, title, text in blocks() if language == "python" and title in titles]
    return [pytest.param(text, id=text.split("\n", 1)[0][:40]) for text in found]


def model_of(code: str) -> Any:
    keras.utils.clear_session()  # names of layers then count from the beginning
    names = {"keras": keras, "layers": layers, "ops": ops, "np": np, "tf": tf}
    names["LinearRegression"] = LinearRegression
    exec(compile(code, "example", "exec"), names)
    return names["model"]


@pytest.mark.parametrize("code", examples(READ, INSTEAD))
def test_what_is_read_is_rebuilt_as_it_was(code: str) -> None:
    model = model_of(code)
    reading = read_model(model, (3,))
    x = np.random.default_rng(0).uniform(0.1, 2.0, (5, 3)).astype("float32")
    live = np.asarray(model(x, training=False))
    rebuilt = build(parse(reading.description)).predict(x, verbose=0)
    np.testing.assert_allclose(live, rebuilt, rtol=0, atol=1e-5 * np.abs(live).max())


def refusals() -> list[Any]:
    pairs = [(one, other) for one, other in pairwise(blocks()) if one[1] == REFUSED]
    assert all(language == "text" for _, (language, _, _) in pairs), "a message follows each"
    return [
        pytest.param(code, words, id=code.split("\n", 1)[0][:40])
        for (_, _, code), (_, _, words) in pairs
    ]


@pytest.mark.parametrize(("code", "words"), refusals())
def test_what_is_refused_is_refused_in_these_words(code: str, words: str) -> None:
    model = model_of(code)
    with pytest.raises(UndescribableModel) as caught:
        read_model(model, (3,))
    assert " ".join(str(caught.value).split()) == " ".join(words.split())


def test_the_page_has_examples_of_all_kinds_and_no_others() -> None:
    titles = [title for language, title, _ in blocks() if language == "python"]
    assert set(titles) == {READ, REFUSED, INSTEAD}
    assert all(titles.count(title) >= 3 for title in set(titles))
