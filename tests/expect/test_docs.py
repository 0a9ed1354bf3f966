"""The page about `autograder.expect` says what the code does."""

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

PAGE = (Path(__file__).parents[2] / "docs" / "expect.md").read_text("utf-8")


def block(language: str) -> str:
    match = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert match
    return match[1]


def test_the_example_says_what_the_page_shows(proxy: Callable[[keras.Model], Model]) -> None:
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 5, activation="relu"),
            layers.MaxPooling2D(1),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    names: dict[str, Any] = {}
    exec(block("python").replace("@points(1)\n", ""), names)  # a marker of the engine's pytest
    with pytest.raises(AssertionError) as caught:
        names["test_convolution"](proxy(model))
    assert str(caught.value) == block("text").rstrip("\n")


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
