"""The pages that show `autograder.expect`, its own and the README, say what the code does."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest
from keras import layers

from autograder import expect
from autograder.proxies.student import Model

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "expect.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


def block(page: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", page, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("page", "pooling"), [(PAGE, [layers.MaxPooling2D(1)]), (README, [])], ids=["expect", "README"]
)
def test_the_example_says_what_the_page_shows(
    page: str, pooling: list[layers.Layer], proxy: Callable[[keras.Model], Model]
) -> None:
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 5, activation="relu"),
            *pooling,
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    names: dict[str, Any] = {}
    example = block(page, "python")
    exec(example.replace("@points(1)\n", ""), names)  # a marker of the engine's pytest
    with pytest.raises(AssertionError) as caught:
        names["test_convolution"](proxy(model))
    assert str(caught.value) == block(page, "text").rstrip("\n")


def test_the_readme_shows_a_check_of_the_course() -> None:
    check = block(README, "python").partition("\n\n\n")[2]
    assert check in (ROOT / "solutions" / "digits_cnn" / "visible.py").read_text("utf-8")


@pytest.mark.parametrize("name", expect.__all__)
def test_each_docstring_has_an_example(name: str) -> None:
    documentation = inspect.getdoc(getattr(expect, name)) or ""
    lines = [line[4:] for line in documentation.splitlines() if line.startswith("    ")]
    assert f"expect.{name}(" in "\n".join(lines)
    compile("\n".join(lines), name, "exec")


def test_the_page_names_all_there_is() -> None:
    elsewhere = {"Step", "keras_model", "kind_of", "same_architecture"}
    for name in set(expect.__all__) - elsewhere:
        assert f"`{name}(" in PAGE, name
    for name in re.findall(r"`(\w+)\(", PAGE):
        assert name in expect.__all__, name
