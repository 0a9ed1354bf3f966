"""A fault in exercise.toml or dataset.toml is told with the file, the key and the known keys."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import datasets, documents
from autograder.course.documents import dataset_toml
from autograder.course.exercise import Declared, Exercise, Settings, _ExerciseTable, settings_of
from autograder.errors import SettingsError
from autograder.limits import Limits

ROOT = Path(__file__).parents[2]
EXERCISE = """\
data = ["cars"]
model = "net.keras"
[limits]
call_seconds = 4
memory = 734003200
[thresholds.error]
better = "lower"
what = "error on unseen cars"
weak = ["one_epoch", "no_scaling"]
value = 1
"""


def read(folder: Path, text: str) -> Settings:
    (folder / "exercise.toml").write_text(text, "utf-8")
    return settings_of(Exercise("x", folder, folder))


def test_every_setting_is_read(tmp_path: Path) -> None:
    declared = Declared(
        "error", "lower", "error on unseen cars", ("one_epoch", "no_scaling"), value=1.0
    )
    limits = Limits(call_seconds=4.0, memory=734003200)
    assert read(tmp_path, EXERCISE) == Settings(("cars",), limits, (declared,), "net.keras")
    assert read(tmp_path, "") == Settings((), Limits())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "model =",
            "modle =",
            "unknown settings ['modle']; known: data, limits, manual, model, ships, th",
        ),
        (
            "call_seconds",
            "call_second",
            "unknown settings ['call_second'] in limits; known: call_s",
        ),
        (
            "weak",
            "week",
            "unknown settings ['week'] in thresholds.error; known: better, value, wea",
        ),
        ("4", "'four'", "limits.call_seconds: expected `float`, got `str`, not 'four'"),
        ("734003200", "7e8", "limits.memory: expected `int`, got `float`, not 700000000.0"),
        ("734003200", "true", "limits.memory: expected `int`, got `bool`, not True"),
        ('["cars"]', '"cars"', "data: expected `array`, got `str`, not 'cars'"),
        ('["cars"]', "[1]", "data: expected `str`, got `int` - at `$[0]`, not [1]"),
        ('["one_epoch", "no_scaling"]', '"one_epoch"', "thresholds.error.weak: expected `array`"),
        ("value = 1", "value = '1'", "thresholds.error.value: expected `float | null`, got `str`"),
        ("value = 1", "value = nan", "thresholds.error.value is nan, not a number"),
        ('"lower"', '"less"', 'the threshold error needs better = "lower" or "higher", and what'),
        ('better = "lower"\n', "", 'the threshold error needs better = "lower" or "higher"'),
        ("what", "waht", "unknown settings ['waht'] in thresholds.error"),
        ('"error on unseen cars"', "''", "and what"),
        ('"net.keras"', '"net.h5"', "model is a plain file name that ends in .keras, not 'net.h5'"),
        ("[limits]", "[limits", "Expected ']' at the end of a table declaration (at line 3, colu"),
        ("[thresholds.error]", "[thresholds]", "thresholds.better: expected `object`, got `str`"),
    ],
)
def test_a_fault_in_exercise_toml_names_file_and_key(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in EXERCISE
    with pytest.raises(SettingsError, match=re.escape(words)) as raised:
        read(tmp_path, EXERCISE.replace(old, new, 1))
    assert str(raised.value).startswith(f"{tmp_path / 'exercise.toml'}: ")


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = EXERCISE.replace("weak", "week").replace("memory", "memmory").replace("data", "date")
    with pytest.raises(SettingsError, match=r"'date'.*'memmory'.*'week'"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            "cars",
            "drop",
            "dorp",
            "unknown settings ['dorp']; known: arrays, drop, file, group, held",
        ),
        ("cars", "[arrays]", "[array]", "missing settings ['arrays']"),
        (
            "cars",
            "column =",
            "colunm =",
            "unknown settings ['colunm'] in arrays.y; known: column, ",
        ),
        (
            "cars",
            "column =",
            "columns =",
            "arrays.y.columns: expected `array`, got `str`, not 'Pri",
        ),
        ("cars", 'column = "Price", ', "", "arrays.y needs either column, a name, or columns"),
        (
            "cars",
            "held_out = 0.3",
            "held_out = 30",
            "held_out is 30, expected a share between 0 an",
        ),
        ("cars", "held_out = 0.3", "held_out = 1", "held_out is 1, expected a share between 0 and"),
        ("cars", "held_out = 0.3", "held_out = 0.0", "held_out is 0, expected a share between 0 a"),
        ("cars", "held_out = 0.3", "held_out = nan", "held_out is nan, expected a share between"),
        ("cars", "held_out = 0.3", "held_out = '0.3'", "held_out: expected `float`, got `str`"),
        ("cars", "CC = 16000", "CC = true", "drop.CC: expected `float | str`, got `bool`"),
        ("cars", '"cars.csv"', '"cars.xls"', "released is 'cars.xls', expected a plain file name "),
        ("cars", '"cars.csv"', '"../cars.csv"', "released is '../cars.csv', expected a plain file"),
        ("cars", "toyota_corolla.csv", "cars.xls", "file is 'cars.xls': name a file that ends in "),
        ("cars", "[arrays]", "[arrays", "Expected ']' at the end of a table declaration"),
        ("digits", "4000", "0", "train_rows: expected `int` >= 1"),
        (
            "digits",
            "channel",
            "chanel",
            "unknown settings ['chanel'] in arrays.x; known: channel, ",
        ),
        ("digits", "train_rows", "missing = 3\nrows", "missing: expected `str`, got `int`, not 3"),
        (
            "bikes",
            "block",
            "blok",
            "unknown settings ['blok'] in time; known: array, block, gap, ga",
        ),
        ("bikes", "block", "blok", "missing settings ['block'] in time"),
        ("bikes", "train = 0.6", "train = 60", "time.train is 60, expected a share between 0 and"),
        ("bikes", "[time]", "train_rows = 5\n[time]", "train_rows cannot stand beside [time]"),
        ("bikes", 'array = "time"', "", "time.gaps needs time.array"),
        ("bikes", "released", "file = 'x.csv'\nreleased", "unknown settings ['file']; known: arr"),
    ],
)
def test_a_fault_in_dataset_toml_names_file_and_key(
    tmp_path: Path, name: str, old: str, new: str, words: str
) -> None:
    shutil.copytree(ROOT / "datasets" / name, tmp_path / name)
    path = tmp_path / name / "dataset.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError, match=re.escape(words)) as raised:
        datasets.load(tmp_path, name, datasets.DEMO_KEY)
    assert str(raised.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("ships", "words"),
    [
        ('["net.keras"]', "net.keras is both a model that students get and one that they hand in"),
        ('["base.keras"]', "ships names base.keras, which is not there: save the trained model as"),
        ('["base.h5"]', "ships names 'base.h5', no plain file name in .keras"),
        ('["../base.keras"]', "ships names '../base.keras', no plain file name in .keras"),
        ('"base.keras"', "ships: expected `array`, got `str`"),
    ],
)
def test_a_shipped_model_is_a_file_of_the_exercise(tmp_path: Path, ships: str, words: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(words)):
        read(tmp_path, f"ships = {ships}\n{EXERCISE}")


def test_the_same_data_set_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="data names 'cars' twice"):
        read(tmp_path, 'data = ["cars", "cars"]')


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates()
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
KEYS = st.sampled_from(
    "data limits thresholds model better what weak value memory time arrays held_out drop".split()
)


@pytest.mark.parametrize("kind", [_ExerciseTable, dataset_toml.TableEntry, dataset_toml.OwnEntry])
@settings(deadline=None)
@given(table=st.dictionaries(KEYS, TREES | st.dictionaries(KEYS, TREES, max_size=3), max_size=4))
def test_any_table_is_read_or_refused(kind: type, table: dict[str, Any]) -> None:
    with contextlib.suppress(SettingsError):
        assert isinstance(documents.convert(table, kind, Path("any.toml")), kind)
