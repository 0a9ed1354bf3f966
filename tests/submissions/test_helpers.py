"""A module beside an answer is never graded in its place; an answer that imports it has it."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.collect import collect
from autograder.submissions.helpers import bound_names
from autograder.submissions.submission import Submission

KNOWN = ("car_price", "digits_cnn")
FUNCTIONS = dict.fromkeys(KNOWN, ("build_model", "train"))
ANSWER = "def build_model(x):\n    return x\n\ndef train(model, x, y):\n    return model\n"
HELPER = "def mae(a, b):\n    return abs(a - b)\n"


def notebook(*cells: str) -> str:
    nodes = [{"cell_type": "code", "metadata": {}, "source": cell} for cell in cells]
    return json.dumps({"cells": nodes, "metadata": {}, "nbformat": 4})


def written(folder: Path, files: dict[str, str]) -> Path:
    """Write files one after the other: each is newer than those before it."""
    for number, (name, text) in enumerate(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        os.utime(path, (1_000 + number, 1_000 + number))
    return folder


def only(folder: Path, *, functions: bool = True, exercise: str | None = None) -> Submission:
    found = collect([folder], KNOWN, exercise=exercise, functions=FUNCTIONS if functions else None)
    assert found.rejected == ()
    (submission,) = found.submissions
    return submission


@pytest.mark.parametrize("functions", [True, False])
@pytest.mark.parametrize(
    "name",
    ["test_car_price.py", "car_price_test.py", "car_price_utils.py", "car_price.helpers.py"],
)
def test_a_newer_helper_is_not_graded_in_place_of_the_notebook(
    tmp_path: Path, name: str, functions: bool
) -> None:
    written(tmp_path, {"ada/car_price.ipynb": notebook(ANSWER), f"ada/{name}": HELPER})
    one = only(tmp_path, functions=functions)
    assert one.source.endswith("ada/car_price.ipynb")
    assert one.helpers == ()
    assert any(name in note for note in one.notes)


@pytest.mark.parametrize("functions", [True, False])
def test_a_newer_helper_is_not_graded_in_place_of_a_script(tmp_path: Path, functions: bool) -> None:
    files = {"car_price.py": ANSWER, "test_car_price.py": f"from car_price import *\n{HELPER}"}
    written(tmp_path / "ada", {**files, "car_price_utils.py": HELPER})
    assert only(tmp_path, functions=functions).source.endswith("car_price.py")


@pytest.mark.parametrize(
    "name", ["car_price.py", "car_price (1).py", "ada_car_price.py", "car_price_final.py"]
)
@pytest.mark.parametrize("functions", [True, False])
def test_a_newer_answer_in_a_script_still_counts(
    tmp_path: Path, name: str, functions: bool
) -> None:
    written(tmp_path, {"ada/car_price.ipynb": notebook(ANSWER), f"ada/{name}": ANSWER})
    one = only(tmp_path, functions=functions)
    assert one.source.endswith(name)
    assert "latest of 2" in one.notes[0]


def test_an_answer_by_any_name_counts_if_it_defines_all_functions(tmp_path: Path) -> None:
    written(tmp_path / "ada", {"car_price.ipynb": notebook("x = 1"), "car_price_mend.py": ANSWER})
    assert only(tmp_path).source.endswith("car_price_mend.py")


def test_a_module_is_no_answer_where_the_notebook_imports_it(tmp_path: Path) -> None:
    cells = ("from car_price import build_model, train", "build_model(1)")
    written(tmp_path / "ada", {"car_price.ipynb": notebook(*cells), "car_price.py": ANSWER})
    one = only(tmp_path)
    assert one.source.endswith("car_price.ipynb")
    assert one.read_helpers() == {"car_price.py": ANSWER.encode()}


@pytest.mark.parametrize(
    ("line", "modules"),
    [
        ("import car_price_utils", ["car_price_utils.py"]),
        ("import numpy as np, car_price_utils as u", ["car_price_utils.py"]),
        ("if True: from car_price_utils import mae", ["car_price_utils.py"]),
        ("from car_price_utils import (  # ours\n    mae,\n)", ["car_price_utils.py"]),
        ("from tools.numbers import one", ["tools/numbers.py", "tools/one.py"]),
        ("from tools import (numbers,\n    one)", ["tools/numbers.py", "tools/one.py"]),
        ("import tools.numbers", ["tools/numbers.py", "tools/one.py"]),
        ("%run car_price_utils.py", ["car_price_utils.py"]),
        ("exec(open('car_price_utils.py').read())", ["car_price_utils.py"]),
        ("importlib.import_module('tools.one')", ["tools/one.py"]),
        ("import statistics", []),
        ("import_me = 1", []),
    ],
)
def test_what_an_answer_imports_lies_beside_it(
    tmp_path: Path, line: str, modules: list[str]
) -> None:
    files = {
        "car_price.ipynb": notebook(ANSWER, line),
        "car_price_utils.py": HELPER,
        "tools/numbers.py": "from .one import two\n",
        "tools/one.py": "two = 2\n",
        "statistics.py": "mean = None\n",
        "elsewhere/car_price_utils.py": "wrong = True\n",
    }
    written(tmp_path / "ada", files)
    one = only(tmp_path, exercise="car_price")
    assert one.read_helpers() == {name: files[name].encode() for name in modules}
    assert all(any(name in note for note in one.notes) for name in modules)


def test_modules_are_found_under_the_names_that_platforms_give(tmp_path: Path) -> None:
    cell = f"import car_price_utils\n{ANSWER}"
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        for number, (name, text) in enumerate(
            {
                "car_price.ipynb": notebook(cell),
                "car_price_utils.py": "old = 1\n",
                "car_price_utils-1.py": HELPER,
            }.items()
        ):
            archive.writestr(f"exampleada_101_{9000 + number}_{name}", text)
    one = only(tmp_path / "submissions.zip")
    assert one.source.endswith("_car_price.ipynb")
    assert one.read_helpers() == {"car_price_utils.py": HELPER.encode()}


def test_of_several_attempts_each_has_its_own_modules(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "brightspace.zip", "w") as archive:
        for day, text in ((1, "old = 1\n"), (3, HELPER)):
            folder = f"11-7 - Ada Example - Oct {day}, 2026 801 AM"
            archive.writestr(f"{folder}/car_price.ipynb", notebook(f"import utils, day{day}"))
            archive.writestr(f"{folder}/utils.py", text)
    one = only(tmp_path / "brightspace.zip")
    assert "Oct 3" in one.source
    assert one.read_helpers() == {"utils.py": HELPER.encode()}


def test_another_exercises_module_is_no_answer(tmp_path: Path) -> None:
    files = {"car_price.ipynb": notebook(f"import digits_cnn_utils\n{ANSWER}")}
    written(tmp_path / "ada", {**files, "digits_cnn_utils.py": HELPER})
    assert only(tmp_path).exercise == "car_price"


def test_equal_notebooks_with_other_modules_are_not_the_same_work(tmp_path: Path) -> None:
    cell = notebook(f"import utils\n{ANSWER}")
    for who in ("ada", "bob"):
        written(tmp_path / who, {"car_price.ipynb": cell, "utils.py": f"{who} = 1\n"})
    ada, bob = collect([tmp_path], KNOWN).submissions
    assert ada.sha256 == bob.sha256
    assert ada.digest != bob.digest


def test_an_unread_notebook_elsewhere_is_still_the_latest(tmp_path: Path) -> None:
    written(tmp_path / "hw1" / "ada", {"car_price.py": ANSWER, "utils.py": HELPER})
    written(tmp_path / "hw2" / "ada", {"car_price.ipynb": notebook("x = 1")})
    os.utime(tmp_path / "hw2" / "ada" / "car_price.ipynb", (9_000, 9_000))
    found = collect([tmp_path / "hw1", tmp_path / "hw2"], KNOWN, functions=FUNCTIONS)
    (one,) = found.submissions
    assert one.suffix == ".ipynb"


@given(st.text(max_size=200), st.sampled_from(["import ", "from ", "def ", "x: int = "]))
def test_names_of_any_text_are_found_without_an_error(text: str, front: str) -> None:
    assert "" not in bound_names(f"{front}{text}\n")
