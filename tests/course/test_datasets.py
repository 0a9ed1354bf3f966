"""Which rows a course holds out, and what it hands to students."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from autograder.authoring.data_sets import faults
from autograder.calibration.fingerprint import fingerprint
from autograder.course import calibration_file, datasets
from autograder.course.exercise import Root
from autograder.errors import DataError, SettingsError

DATASETS = Path(__file__).parents[2] / "datasets"
KEYS = st.binary(min_size=1, max_size=64)
# The larger set takes a tenth of a second to split.
few = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])


def training_file(name: str, key: bytes) -> tuple[str, bytes]:
    """Return the name and the bytes of the file that students get of a data set."""
    files = datasets.training_files(DATASETS, [name], key)
    (file,) = files.keys() - {datasets.DESCRIPTION}
    return file, files[file]


def rows(x: datasets.Array) -> list[bytes]:
    return [row.tobytes() for row in x]


@pytest.mark.parametrize("name", ["cars", "digits"])
@few
@given(key=KEYS)
def test_no_row_is_on_both_sides(name: str, key: bytes) -> None:
    split = datasets.load(DATASETS, name, key)
    assert not set(rows(split.x_train)) & set(rows(split.x_test))


@pytest.mark.parametrize("name", ["cars", "digits"])
@few
@given(first=KEYS, second=KEYS)
def test_another_key_holds_out_other_rows(name: str, first: bytes, second: bytes) -> None:
    # HMAC pads a key with zero bytes: keys that differ only count as the same key.
    assume(first.rstrip(b"\0") != second.rstrip(b"\0"))
    split, other = (datasets.load(DATASETS, name, key) for key in (first, second))
    shared = set(rows(split.x_test)) & set(rows(other.x_test))
    assert len(shared) < 0.6 * len(split.x_test)
    assert datasets.key_fingerprint(first) != datasets.key_fingerprint(second)


@few
@given(key=KEYS)
def test_a_released_file_reads_back_as_the_training_rows(key: bytes) -> None:
    split = datasets.load(DATASETS, "cars", key)
    name, content = training_file("cars", key)
    assert name == "cars.csv"
    lines = content.decode().splitlines()
    assert len(lines) == len(split.x_train) + 1
    assert not {line.split(",")[5] for line in lines} & {"16000"}
    assert training_file("cars", key) == (name, content)


@pytest.mark.parametrize("name", ["cars", "digits", "bikes"])
def test_released_rows_are_exactly_the_training_rows(name: str, tmp_path: Path) -> None:
    split = datasets.load(DATASETS, name, datasets.DEMO_KEY)
    for file, content in datasets.training_files(DATASETS, [name], datasets.DEMO_KEY).items():
        (tmp_path / file).write_bytes(content)
    back = datasets.read_back(tmp_path, name)
    x, y = back["x"], back["y"]
    assert (x.dtype, y.dtype) == (split.x_train.dtype, split.y_train.dtype)
    np.testing.assert_array_equal(x, split.x_train)
    np.testing.assert_array_equal(y, split.y_train)
    assert not set(rows(x)) & set(rows(split.x_test))


def test_cars_are_what_the_statement_says() -> None:
    split = datasets.load(DATASETS, "cars", datasets.DEMO_KEY)
    x, y = (np.concatenate(pair) for pair in zip(*_sides(split), strict=True))
    assert x.shape == (1435, 7)
    assert x.dtype == y.dtype == np.float32
    assert y.shape == (1435,)
    assert x[:, 5].max() == 2000  # no CC = 16000 anywhere
    assert 0.25 < len(split.x_test) / len(x) < 0.35


def test_digits_are_what_the_statement_says() -> None:
    split = datasets.load(DATASETS, "digits", datasets.DEMO_KEY)
    assert split.x_train.shape == (4000, 28, 28, 1)
    assert split.x_train.dtype == np.uint8
    assert split.y_train.dtype == np.int64
    assert 1800 < len(split.x_test) < 2200
    assert set(split.y_train.tolist()) == set(split.y_test.tolist()) == set(range(10))


def test_the_last_rows_are_like_the_first() -> None:
    # What a validation_split takes; in the file the last cars are the oldest.
    prices = datasets.load(DATASETS, "cars", datasets.DEMO_KEY).y_train
    head, tail = np.array_split(prices, 2)
    assert abs(head.mean() - tail.mean()) < 0.2 * prices.std()


def test_the_listed_duplicate_stays_together() -> None:
    seen = set()
    for number in range(24):
        split = datasets.load(DATASETS, "cars", b"course %d" % number)
        twins = [r for r in split.x_test if (r[0], r[1], r[2]) == (8, 13253, 1320)]
        assert len(twins) in (0, 2)
        seen.add(len(twins))
    assert seen == {0, 2}


def test_bikes_are_what_the_statement_says() -> None:
    split = datasets.load(DATASETS, "bikes", datasets.DEMO_KEY)
    assert split.x_train.shape == (4010, 24, 1)
    assert split.y_train.shape == (4010, 1)
    assert split.x_test.shape[1:] == (24, 1)
    assert split.y_test.shape == (len(split.x_test), 1)
    assert all(a.dtype == np.float32 for side in _sides(split) for a in side)
    assert 1150 < len(split.x_test) <= 1440
    assert min(split.x_train.min(), split.x_test.min()) == 1


@few
@given(key=KEYS)
def test_no_held_out_hour_is_released(key: bytes) -> None:
    name, content = training_file("bikes", key)
    released = content.decode().splitlines()[1:]
    assert name == "bikes.csv"
    assert (released[0], released[-1][:16]) == ("2011-01-01 00:00,16", "2011-08-07 23:00")
    assert (len(released), sum(line.endswith(",") for line in released)) == (5256, 94)
    split = datasets.load(DATASETS, "bikes", key)
    # Twenty-five counts in a row are as good as a date: no two stretches of the year are alike.
    assert not set(_stretches(split.x_train, split.y_train)) & set(
        _stretches(split.x_test, split.y_test)
    )


@few
@given(key=KEYS)
def test_held_out_weeks_are_half_of_those_after_the_training_hours(key: bytes) -> None:
    split = datasets.load(DATASETS, "bikes", key)
    weeks, held = _later_weeks(), _stretches(split.x_test, split.y_test)
    picked = [week for week in weeks if set(week) & set(held)]
    assert len(picked) == 10
    assert [stretch for week in picked for stretch in week] == held


@few
@given(first=KEYS, second=KEYS)
def test_another_key_holds_out_other_weeks(first: bytes, second: bytes) -> None:
    assume(first.rstrip(b"\0") != second.rstrip(b"\0"))
    split, other = (datasets.load(DATASETS, "bikes", key) for key in (first, second))
    assert _stretches(split.x_test, split.y_test) != _stretches(other.x_test, other.y_test)
    np.testing.assert_array_equal(split.x_train, other.x_train)


def test_every_later_week_is_held_out_by_some_key() -> None:
    held = set()
    for number in range(24):
        split = datasets.load(DATASETS, "bikes", b"course %d" % number)
        held |= set(_stretches(split.x_test, split.y_test))
    assert held == {stretch for week in _later_weeks() for stretch in week}


def test_the_archive_is_stored_with_a_fixed_time() -> None:
    content = training_file("digits", datasets.DEMO_KEY)[1]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            assert (entry.date_time, entry.create_system) == ((1980, 1, 1, 0, 0, 0), 3)


def test_errors_say_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no data set named 'boats'.*bikes, cars, digits"):
        datasets.load(DATASETS, "boats", datasets.DEMO_KEY)
    with pytest.raises(DataError, match=r"has no cars/dataset\.toml; data sets there: none"):
        datasets.load(tmp_path, "cars", datasets.DEMO_KEY)
    for name in ("cars", "bikes"):
        (tmp_path / name).mkdir()
        shutil.copy(DATASETS / name / "dataset.toml", tmp_path / name)
    with pytest.raises(DataError, match=r"toyota_corolla\.csv is missing"):
        datasets.load(tmp_path, "cars", datasets.DEMO_KEY)
    (tmp_path / "cars" / "toyota_corolla.csv").write_text("Price,Age\n1,2\n", "utf-8")
    with pytest.raises(DataError, match=r"no column CC, Doors.*it has: Price, Age"):
        datasets.load(tmp_path, "cars", datasets.DEMO_KEY)
    with pytest.raises(SettingsError, match=r"file is None: name a file .* or write a read\.py"):
        datasets.load(tmp_path, "bikes", datasets.DEMO_KEY)


EXERCISES = [("car_price", "cars.csv"), ("digits_cnn", "digits.npz"), ("bikes_lstm", "bikes.csv")]


@pytest.mark.parametrize(("exercise", "file"), EXERCISES)
def test_the_released_files_are_those_that_students_have(exercise: str, file: str) -> None:
    name = file.partition(".")[0]
    handed_out = (DATASETS.parent / "exercises" / exercise / file).read_bytes()
    assert training_file(name, datasets.DEMO_KEY) == (file, handed_out)


@pytest.mark.parametrize("exercise", [exercise for exercise, _ in EXERCISES])
def test_the_splits_are_those_of_the_calibrations(exercise: str) -> None:
    course = Root(DATASETS.parent)
    authored = course.exercise(exercise)
    calibrated = calibration_file.read(authored.calibration).fingerprint
    assert fingerprint(authored, course).data == calibrated.data


def source(name: str, file: str) -> list[dict[str, str]]:
    with (DATASETS / name / file).open(newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text))


def released(name: str) -> list[dict[str, str]]:
    content = training_file(name, datasets.DEMO_KEY)[1]
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_every_released_car_is_written_as_in_the_source() -> None:
    columns = list(released("cars")[0])
    there = {tuple(row[name] for name in columns) for row in source("cars", "toyota_corolla.csv")}
    cars = [tuple(row.values()) for row in released("cars")]
    assert set(cars) <= there
    # Nine significant digits, as they were written before, show the same.
    assert all(f"{np.float32(cell):.9g}" == cell for car in cars for cell in car)


def test_every_released_count_is_written_as_in_the_source() -> None:
    there = {
        (int(row["day"]), int(row["hr"])): row["bikers"] for row in source("bikes", "Bikeshare.csv")
    }
    for number, row in enumerate(released("bikes")):
        assert row["bikers"] == there.get((number // 24 + 1, number % 24), "")


def test_every_released_digit_is_the_sources() -> None:
    with np.load(DATASETS / "digits" / "mnist_10k.npz") as archive:
        there = dict(zip(rows(archive["x"]), archive["y"].tolist(), strict=True))
    content = training_file("digits", datasets.DEMO_KEY)[1]
    with np.load(io.BytesIO(content)) as archive:
        assert (archive["images"].dtype, archive["labels"].dtype) == (np.uint8, np.int64)
        assert [there[image] for image in rows(archive["images"])] == archive["labels"].tolist()


def test_fingerprints() -> None:
    assert datasets.key_fingerprint(datasets.DEMO_KEY) == "public-demo"
    assert len(datasets.key_fingerprint(b"a course")) == 8


@pytest.mark.parametrize("name", datasets.names(DATASETS))
def test_every_set_has_its_card_and_licence_and_is_listed(name: str) -> None:
    assert list(faults(Root(DATASETS.parent), name)) == []
    assert f"[{name}]({name}/README.md)" in (DATASETS / "README.md").read_text("utf-8")


def test_the_guides_data_set_splits_and_reads_back(tmp_path: Path) -> None:
    guide = (DATASETS.parent / "docs" / "guides" / "write-an-exercise.md").read_text("utf-8")
    for name, body in re.findall(
        r"<!-- file: datasets/reviews/(\S+) -->\n```\w+\n(.*?)^```$", guide, re.M | re.S
    ):
        (tmp_path / "reviews").mkdir(exist_ok=True)
        (tmp_path / "reviews" / name).write_text(body, "utf-8")
    split = datasets.load(tmp_path, "reviews", datasets.DEMO_KEY)
    assert split.train.count + split.test.count == 10
    assert not set(split.train["text"].tolist()) & set(split.test["text"].tolist())


def _sides(split: datasets.Split) -> tuple[tuple[datasets.Array, datasets.Array], ...]:
    return (split.x_train, split.y_train), (split.x_test, split.y_test)


def _stretches(x: datasets.Array, y: datasets.Array) -> list[bytes]:
    return [np.append(window, after).tobytes() for window, after in zip(x, y, strict=True)]


def _later_weeks() -> list[list[bytes]]:
    """The stretches of 25 hours in each week from 8 August on, read without the code under test."""
    with (DATASETS / "bikes" / "Bikeshare.csv").open(newline="", encoding="utf-8") as file:
        counts = {
            (int(row["day"]) - 1) * 24 + int(row["hr"]): float(row["bikers"])
            for row in csv.DictReader(file)
        }
    weeks = []
    for first in range(5256, 8760, 168):
        last = min(first + 168, 8760)
        runs = [range(at, at + 25) for at in range(first, last - 24)]
        whole = [run for run in runs if all(hour in counts for hour in run)]
        weeks.append(
            [np.array([counts[hour] for hour in run], np.float32).tobytes() for run in whole]
        )
    return weeks
