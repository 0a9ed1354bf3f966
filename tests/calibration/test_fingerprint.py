"""A calibration's hashes: what must change them, and what must not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from msgspec.structs import asdict

from autograder import PACKAGE
from autograder.calibration.fingerprint import (
    _LIMITS,
    _MEASURING,
    _closure,
    _definitions,
    fingerprint,
)
from autograder.course.exercise import Root

LINE = "solutions/line"


@pytest.fixture
def course(toy_course: Path, tmp_path: Path) -> Path:
    root = tmp_path / "course"
    shutil.copytree(toy_course, root)
    return root


def hashes(course: Path) -> dict[str, str]:
    return asdict(fingerprint(Root(course).exercise("line"), Root(course)))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        (f"{LINE}/hidden.py", "6.0", "7.0", {"metrics"}),
        (f"{LINE}/conftest.py", "(7,)", "(8,)", {"metrics"}),
        (f"{LINE}/solution.py", "values.max()", "values.min()", {"reference"}),
        (f"{LINE}/solution.py", '"ones"', '"zeros"', {"reference"}),
        ("datasets/cars/dataset.toml", "held_out = 0.3", "held_out = 0.4", {"data"}),
        (f"{LINE}/hidden.py", "should become 1", "had better be 1", set()),
        (f"{LINE}/hidden.py", "@points(3)", "@points(4)", set()),
        (f"{LINE}/hidden.py", '"""The largest value', '"""The greatest value', set()),
        (f"{LINE}/solution.py", "# # A line", "# # The line", set()),
        (f"{LINE}/solution.py", "### BEGIN SOLUTION", "###  BEGIN SOLUTION", set()),
        ("datasets/README.md", "Data sets", "The data", set()),
    ],
)
def test_what_changes_a_hash(
    course: Path, file: str, old: str, new: str, changed: set[str]
) -> None:
    before = hashes(course)
    edit(course / file, old, new)
    after = hashes(course)
    assert {name for name in before if before[name] != after[name]} == changed


def test_a_declared_value_counts(course: Path) -> None:
    before = hashes(course)
    toml = course / LINE / "exercise.toml"
    toml.write_text(
        toml.read_text() + "\n[thresholds.new]\nbetter = 'lower'\nwhat = 'x'\nvalue = 1\n"
    )
    assert hashes(course)["metrics"] != before["metrics"]


def test_line_endings_do_not_count(course: Path) -> None:
    before = hashes(course)
    for name in ("hidden.py", "solution.py"):
        path = course / LINE / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert hashes(course) == before


def test_the_packages_own_metrics_count() -> None:
    solutions = Path(__file__).parents[2] / "solutions"
    modules = {path.name for path in _closure([solutions / "car_price" / "conftest.py"])}
    assert {"training.py", "follow_through.py", "retry.py", "metrics.py"} <= modules
    # Neither how values travel nor what else the vocabulary offers.
    assert not modules & {"student.py", "result.py", "architecture.py", "receptive.py"}
    assert "thresholds.py" not in modules


def test_the_kit_counts_where_an_exercise_uses_it() -> None:
    solutions = Path(__file__).parents[2] / "solutions"
    files = [solutions / "car_price" / name for name in ("conftest.py", "hidden.py")]
    kit = {path.name for path in _closure(files) if path.parent.name == "trained_model"}
    assert {"declaration.py", "fixtures.py", "metric.py", "rows.py"} <= kit
    # Whether a model has the right shapes measures nothing.
    assert "model_checks.py" not in kit
    others = _closure([solutions / "digits_gan" / name for name in ("conftest.py", "hidden.py")])
    assert not [path for path in others if path.parent.name == "trained_model"]


def test_neither_points_nor_words_of_a_usual_check_count(tmp_path: Path) -> None:
    line = 'test_size = budget(100, points=1, title="At most 100")'
    (before,) = definitions(line, folder=tmp_path)
    assert definitions(line.replace("points=1", "points=2"), folder=tmp_path) == [before]
    assert definitions(line.replace("At most", "Up to"), folder=tmp_path) == [before]
    assert definitions(line.replace("(100", "(200"), folder=tmp_path) != [before]


MODULE = """
from autograder.checks.training import teach
import numpy as np
pytest_plugins = ["autograder.checks.follow_through"]
__all__ = ["error", "ZERO"]

ZERO = 0.0

def error(y, p):
    from autograder.checks.marking import ramp
    return ramp(np.abs(y - p).mean(), ZERO)
"""


def definitions(*texts: str, folder: Path) -> list[bytes]:
    essences: list[bytes] = []
    for number, text in enumerate(texts):
        path = folder / f"part{number}.py"
        path.write_text(text, "utf-8")
        essences += _definitions(path)
    return sorted(essences)


def test_neither_imports_nor_the_place_of_a_definition_count(tmp_path: Path) -> None:
    head, constant = MODULE.partition("ZERO = ")[0], "ZERO = 0.0\n"
    function = MODULE[MODULE.index("def error") :]
    elsewhere = function.replace("autograder.checks.marking", "autograder.checks")
    renamed = head.replace("training", "training_run").replace("follow_through", "pairing")
    expected = definitions(MODULE, folder=tmp_path)
    assert definitions(renamed + constant + elsewhere, folder=tmp_path) == expected
    assert (
        definitions(f"import numpy\n{elsewhere}", f"{renamed}{constant}", folder=tmp_path)
        == expected
    )
    assert definitions(MODULE.replace("0.0", "0.1"), folder=tmp_path) != expected
    assert definitions(MODULE.replace(".mean()", ".max()"), folder=tmp_path) != expected


def test_every_name_of_what_measures_is_there() -> None:
    for room in _MEASURING:
        assert (PACKAGE / room / "__init__.py").is_file(), room
    for module in _LIMITS:
        assert PACKAGE.joinpath(*module.split(".")).with_suffix(".py").is_file(), module
