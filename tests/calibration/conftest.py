"""A small course with a threshold, for tests that calibrate it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

TOML = """
data = ["cars"]

[thresholds.size]
better = "lower"
what = "mean size of an untrained model's predictions for standardised cars"
weak = ["too_large"]

[thresholds.finite]
better = "higher"
what = "share of finite predictions"
value = 0.5
"""
CHECK = '''

@points(1)
def test_size(model, cars, thresholds, record):
    """Untrained predictions are small"""
    x = (cars.x_test - cars.x_train.mean(axis=0)) / cars.x_train.std(axis=0)
    thresholds.baseline("size", "a million", 1e6)
    size = thresholds.measure("size", np.abs(model.predict(x)).mean())
    record(size)
    record(thresholds.measure("finite", np.isfinite(model.predict(x)).mean()))
    assert size.met, "the predictions are too large"
'''


TOO_LARGE = """# fails: test_size
import keras


def scale(values):
    return values / values.max()


def build_model(x_train):
    model = keras.Sequential([keras.Input((7,)), keras.layers.Dense(1)])
    return keras.Sequential([model, keras.layers.Rescaling(1e4)])
"""


@pytest.fixture(scope="session")
def make_course(toy_course: Path) -> Callable[[Path], Path]:
    """A function that copies the toy course to a folder, with a threshold.

    For the threshold a wrong answer is a thousand times off. The models start at random weights, so
    seeds differ.
    """

    def make(root: Path) -> Path:
        shutil.copytree(toy_course, root)
        line = root / "solutions" / "line"
        (line / "exercise.toml").write_text(TOML)
        (line / "hidden.py").write_text((line / "hidden.py").read_text("utf-8") + CHECK)
        (line / "wrong" / "too_large.py").write_text(TOO_LARGE)
        halved = line / "wrong" / "halved.py"  # predicts infinity, so it fails the new check too
        halved.write_text(halved.read_text("utf-8").replace("# fails: ", "# fails: test_size, "))
        return root

    return make


@pytest.fixture
def course(make_course: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A copy of the toy course with a threshold."""
    return make_course(tmp_path / "course")
