"""A fault in exercise.toml or datasets.toml is told with the file, the key and the known keys."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import catalogue, datasets, documents
from autograder.course.exercise import Declared, Exercise, Settings, _ExerciseTable, settings_of
from autograder.errors import SettingsError
from autograder.limits import Limits

ROOT = Path(__file__).parents[2]
CATALOGUE = (ROOT / "datasets" / "datasets.toml").read_text("utf-8")
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
            "unknown settings ['modle']; known: data, limits, model, thresholds",
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
    ("old", "new", "words"),
    [
        (
            "features",
            "featurs",
            "unknown settings ['featurs'] in cars; known: drop, features, file",
        ),
        ("features", "featurs", "missing settings ['features'] in cars"),
        ("inputs", "features", "unknown settings ['features'] in digits; known: file, held_out, i"),
        ('day = "day"', 'days = "day"', "unknown settings ['days'] in bikes.hours; known: block, "),
        ("[bikes.hours]", "[bikes.ours]", "missing settings ['hours'] in bikes"),
        ("held_out = 0.3", "held_out = 1.3", "cars.held_out: expected `float` <= 1.0, not 1.3"),
        ("held_out = 0.3", "held_out = '0.3'", "cars.held_out: expected `float`, got `str`"),
        ("CC = 16000", "CC = '16000'", "cars.drop.CC: expected `float`, got `str`, not '16000'"),
        ("4000", "0", "digits.train_rows: expected `int` >= 1"),
        (
            "2011-01-01T00:00:00",
            '"first of January"',
            "bikes.hours.start: expected `datetime`, got `str`",
        ),
        ("2011-01-01T00:00:00", "2011-01-01", "bikes.hours.start: expected `datetime`, got `date`"),
        ('kind = "csv"', "", "data set 'cars': kind is None, expected csv or npz or series"),
        ('"series"', '"tree"', "data set 'bikes': kind is 'tree', expected csv or npz or series"),
        ("[cars]", "cars = 3\n[trams]", "cars is 3, expected the table of a data set"),
        ("[cars]", "[cars", "Expected ']' at the end of a table declaration"),
    ],
)
def test_a_fault_in_datasets_toml_names_file_and_key(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    path = tmp_path / "datasets.toml"
    assert old in CATALOGUE
    path.write_text(CATALOGUE.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError, match=re.escape(words)) as raised:
        datasets.load(tmp_path, "cars", datasets.DEMO_KEY)
    assert str(raised.value).startswith(f"{path}: ")


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates()
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
KEYS = st.sampled_from(
    "data limits thresholds model better what weak value memory kind hours held_out drop".split()
)


@pytest.mark.parametrize("kind", [_ExerciseTable, catalogue.CsvEntry, catalogue.SeriesEntry])
@settings(deadline=None)
@given(table=st.dictionaries(KEYS, TREES | st.dictionaries(KEYS, TREES, max_size=3), max_size=4))
def test_any_table_is_read_or_refused(kind: type, table: dict[str, Any]) -> None:
    with contextlib.suppress(SettingsError):
        assert isinstance(documents.convert(table, kind, Path("any.toml")), kind)
