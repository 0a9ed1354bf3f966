"""A fault in a data set is a sentence with the file, the row and the column, and a way out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.authoring.data_sets import faults
from autograder.course import datasets
from autograder.course.exercise import Root
from autograder.errors import CourseError
from tests.course.data_folder import KEY, release, write

TABLE = """
file = "t.csv"
released = "t.csv"
held_out = 0.5
inputs = ["n"]
[arrays]
n = { column = "n", type = "int16" }
z = { column = "z", type = "float32" }
"""
ROWS = "n,z,word\n1,0.5,one\n2,1.5,two\n3,2.5,three\n4,3.5,four\n5,5.5,five\n6,6.5,six\n"


def refused(root: Path, words: str) -> None:
    with pytest.raises(CourseError, match=re.escape(words)):
        datasets.training_files(root, ["made"], KEY)
    with pytest.raises(CourseError, match=re.escape(words)):
        datasets.load(root, "made", KEY)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2.5", "two", "t.csv, line 4, column 'z': 'two' is no number"),
        ("2.5", "nan", "t.csv, line 4, column 'z': 'nan' is no number"),
        ("2.5", "inf", "t.csv, line 4, column 'z': 'inf' is no number"),
        ("2.5", "2_5", "t.csv, line 4, column 'z': '2_5' is no number"),
        ("2.5", '"2,5"', "t.csv, line 4, column 'z': '2,5' is no number"),
        ("2.5", "1e99", "t.csv, line 4, column 'z': '1e99' is beyond the largest float32"),
        (
            "2.5",
            "16777217",
            "column 'z': '16777217' is a whole number with more digits than float32",
        ),
        ("2.5", "", "t.csv, line 4, column 'z': '' is a missing value; missing = \"drop\" leaves"),
        ("\n3,", "\n3.5,", "t.csv, line 4, column 'n': '3.5' is no whole number"),
        ("\n3,", "\n40000,", "column 'n': '40000' lies outside of int16, -32768 to 32767"),
        ("2.5,three", "2.5", "t.csv, line 4: 2 cells, but the header names 3 columns"),
        ("n,z,", "n,n,", "t.csv has more than one column n"),
        ("n,z,", "m,z,", "t.csv has no column n; it has: m, z, word"),
        ("three", '"three', "t.csv is no table: unexpected end of data"),
        ("three", "\udce9", "t.csv is not in UTF-8: invalid continuation byte at byte"),
    ],
)
def test_a_fault_in_a_table_names_line_and_column(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    content = ROWS.replace(old, new, 1).encode("utf-8", "surrogateescape")
    refused(write(tmp_path, TABLE, {"t.csv": content}), words)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"float32"', '"flaot32"', "arrays.z.type is 'flaot32'; known: float32, float64, int8"),
        ('["n"]', '["m"]', "inputs names 'm'; its arrays: n, z"),
        ('inputs = ["n"]', "", 'name the arrays that are inputs, such as inputs = ["n"]'),
        ('inputs = ["n"]', 'group = "m"', "group names 'm'; its arrays: n, z"),
        (
            "held_out = 0.5",
            "held_out = 1e-9",
            "the split leaves no held-out row (held_out = 1e-09)",
        ),
        ("held_out = 0.5", "held_out = 0.999999", "the split leaves no training row"),
        ("[arrays]", "[drop]\nz = 'x'\n[arrays]", ""),
        ("[arrays]", "[drop]\nword = 3\n[arrays]", "line 2, column 'word': 'one' is no number"),
        ("[arrays]", "[drop]\nwrod = 'one'\n[arrays]", "has no column wrod"),
        ('released = "t.csv"', 'released = "t.csv"\nseparator = ";;"', "is no table"),
        (
            "[arrays]",
            'missing = "never"\n[arrays]',
            'missing is \'never\', expected "keep" or "dro',
        ),
    ],
)
def test_a_setting_that_does_not_fit_the_table_is_told(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in TABLE
    root = write(tmp_path, TABLE.replace(old, new, 1), {"t.csv": ROWS})
    if words:
        refused(root, words)
    else:
        assert datasets.load(root, "made", KEY).train.count


def test_missing_values_are_dropped_or_kept_where_that_is_declared(tmp_path: Path) -> None:
    content = {"t.csv": ROWS.replace("2.5", "").replace("5.5", " ")}
    for missing, rows in (("drop", 4), ("keep", 6)):
        settings = TABLE.replace("[arrays]", f'missing = "{missing}"\n[arrays]')
        split = datasets.load(write(tmp_path, settings, content), "made", KEY)
        z = np.concatenate([split.train["z"], split.test["z"]])
        assert len(z) == rows
        assert np.isnan(z).sum() == rows - 4
    np.testing.assert_array_equal(release(tmp_path, tmp_path / "s")["z"], split.train["z"])


ARCHIVE = 'file = "a.npz"\nreleased = "a.npz"\nheld_out = 0.5\n{}\n[arrays]\nx = {{ {} }}\n'


@pytest.mark.parametrize(
    ("arrays", "extra", "array", "words"),
    [
        (
            {"x": np.array([1.5, 2.0])},
            "",
            'type = "int64"',
            "type = 'int64' would change the value",
        ),
        ({"x": np.array([1.0, np.nan])}, "", 'type = "int8"', "would change the value nan"),
        ({"x": np.array([300, 1])}, "", 'type = "uint8"', "would change the value 300"),
        (
            {"x": np.array([2**63 - 1])},
            "",
            'type = "float64"',
            "would change the value 92233720368",
        ),
        ({"x": np.array([0.1, 1])}, "", 'type = "float32"', "would change the value 0.1"),
        ({"x": np.array(["a", "b"])}, "", 'type = "int8"', "<U1 cannot become int8"),
        (
            {"x": np.arange(2)},
            "",
            'type = "integer"',
            "arrays.x.type is 'integer', no type of NumP",
        ),
        ({"x": np.arange(2)}, "", 'member = "z"', "a.npz has no array 'z'; it has: x"),
        (
            {"x": np.array(["a", None])},
            "",
            "",
            "the array 'x' cannot be read (Object arrays cannot",
        ),
        (
            {"x": np.array([1.0, np.nan])},
            "",
            "",
            "the array x has a missing value in row 1 (rows c",
        ),
        ({"x": np.array([np.inf])}, "missing = 'keep'", "", "the array x is infinite in row 0"),
        ({"x": np.array(3)}, "", "", "the array x is a single value, expected (rows, ...)"),
        (
            {"x": np.array([b"a"])},
            "",
            "",
            "the array x is of the type |S1, which is none for numbers",
        ),
        ({"x": np.zeros(3, "i4,f4")}, "", "", "which is none for numbers, strings or times"),
        ({"x": np.array(["2011"], "M8")}, "", "type = 'x'", "arrays.x.type is 'x'"),
        ({"x": np.empty((0, 3))}, "", "", "the split leaves no training row"),
    ],
)
def test_an_archive_that_would_be_changed_or_lost_is_refused(
    tmp_path: Path, arrays: Mapping[str, Any], extra: str, array: str, words: str
) -> None:
    refused(write(tmp_path, ARCHIVE.format(extra, array), {"a.npz": arrays}), words)


def test_whole_arrays_are_named_and_have_no_place_in_a_table(tmp_path: Path) -> None:
    arrays = {"x": np.arange(9), "names": np.array(["a", "b"])}
    settings = 'file = "a.npz"\nreleased = "a.npz"\nheld_out = 0.5\n'
    refused(write(tmp_path, settings, {"a.npz": arrays}), 'stand in dataset.toml: whole = ["NAME"]')
    settings += 'whole = ["nmaes"]'
    refused(write(tmp_path, settings, {"a.npz": arrays}), "has no array 'nmaes'; it has: x, names")
    for made, time in (("y", "window = 2"), ("block", "")):
        clashing = settings.replace("nmaes", made) + f"\n[time]\ntrain = 0.5\nblock = 3\n{time}"
        refused(write(tmp_path, clashing, {"a.npz": arrays}), f"whole names '{made}', which is an")
    settings = settings.replace('"a.npz"\nheld', '"a.csv"\nheld')
    refused(write(tmp_path, settings, {"a.npz": arrays}), "whole arrays have no place in a table")


def test_a_file_that_is_no_archive_is_told(tmp_path: Path) -> None:
    settings = ARCHIVE.format("", "")
    for content in (b"no archive", b"", b"PK\x03\x04 cut"):
        refused(write(tmp_path, settings, {"a.npz": content}), "a.npz is no archive of np.savez")
    (tmp_path / "made" / "a.npz").unlink()
    refused(tmp_path, "a.npz is missing: expected it in")


READER = "import numpy as np\n\ndef read(folder):\n    return {}\n"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def reads(folder):\n    pass\n", "read.py defines no function read(folder)"),
        ("def read(folder):\n    return 1 / 0\n", "read.py: ZeroDivisionError: division by zero"),
        ("def read(folder:\n", "read.py: SyntaxError"),
        (READER.format("[1, 2]"), "read.py: read returned list, expected arrays by name"),
        (READER.format("{}"), "read.py holds no array"),
        (READER.format("{'a b': [1]}"), "'a b' cannot be the name of an array"),
        (READER.format("{'x': [1, 2], 'y': [1]}"), "need the same number of rows; there: x 2, y 1"),
        (READER.format("{'x': [[1, 2], [1]]}"), "the array x is no array"),
        (READER.format("{'x': [{}, {}]}"), "the array x is of the type object"),
        (READER.format("{'x': ['a', None]}"), "give strings as a NumPy array of strings"),
        (READER.format("{'x': np.array(['a', 'b\\0'], object)}"), "ends in a NUL character"),
        (READER.format("{'x': np.zeros(2, np.longdouble)}"), "that every machine reads alike"),
    ],
)
def test_a_read_py_that_gives_no_arrays_is_told(tmp_path: Path, code: str, words: str) -> None:
    refused(write(tmp_path, 'released = "a.npz"\nheld_out = 0.5\n', {"read.py": code}), words)


def test_an_array_that_has_no_form_in_a_table_is_told(tmp_path: Path) -> None:
    settings = 'released = "a.csv"\nheld_out = 0.5\n'
    for value, words in (
        (
            "np.arange(18.0).reshape(9, 2)",
            "the array x has 2 axes, a column has one; release the data set as an",
        ),
        ("np.arange(9) * 1j", "the type complex128 has no form in a table; release it as .npz"),
        ("np.arange(9).astype('M8[3D]')", "has no form in a table"),
        ("np.array([f'{n}\\0b' for n in range(9)])", "the array x holds a NUL character"),
    ):
        root = write(tmp_path, settings, {"read.py": READER.replace("{}", f"{{'x': {value}}}")})
        with pytest.raises(CourseError, match=re.escape(words)):
            datasets.training_files(root, ["made"], KEY)


GROUPS = 'file = "a.npz"\nreleased = "a.npz"\nheld_out = 0.5\ngroup = "g"\n'


def test_groups_that_cannot_be_split_are_told(tmp_path: Path) -> None:
    single = {"x": np.arange(4), "g": np.zeros(4)}
    refused(write(tmp_path, GROUPS, {"a.npz": single}), "g names 1 group, not several")
    shared = {"x": np.array([1, 2, 1]), "g": np.array(["a", "b", "b"])}
    settings = f'inputs = ["x"]\n{GROUPS}'
    refused(write(tmp_path, settings, {"a.npz": shared}), "two rows with equal x belong to two gro")


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("train = 0.5\nblock = 60", "of 1 later blocks holds none out"),
        ("train = 0.5\nblock = 5\ngap = 60", "of 0 later blocks holds none out"),
        ("train = 0.01\nblock = 5", "the split leaves no training row"),
        ("train = 0.5\nblock = 5\nwindow = 5", "the split leaves no held-out row"),
        ("train = 0.1\nblock = 10\nwindow = 6", "the split leaves no training row"),
        (
            'train = 0.5\nblock = 5\narray = "t"',
            "time.array is 't', expected an array (n,) of times",
        ),
    ],
)
def test_a_split_by_time_that_leaves_a_side_empty_is_refused(
    tmp_path: Path, time: str, words: str
) -> None:
    settings = f'file = "a.npz"\nreleased = "a.npz"\nheld_out = 0.5\n[time]\n{time}\n'
    refused(write(tmp_path, settings, {"a.npz": {"a": np.arange(60.0)}}), words)


def test_an_array_called_block_cannot_be_split_by_time(tmp_path: Path) -> None:
    settings = (
        'file = "a.npz"\nreleased = "a.npz"\nheld_out = 0.5\n[time]\ntrain = 0.5\nblock = 5\n'
    )
    refused(write(tmp_path, settings, {"a.npz": {"block": np.arange(60)}}), "rename yours")


@pytest.mark.parametrize(
    ("time", "content", "words"),
    [
        ("train = 0.5\nblock = 5\nwindow = 5", b"a text", "do not apply to a text"),
        ("train = 0.5\nblock = 5", b"a text", "held_out = 0.5 of 1 later blocks holds none out"),
        ("train = 0.5\nblock = 5", b"\xff\xfea", "t.txt is not in UTF-8: invalid start byte at b"),
        ("train = 0.5\nblock = 5", b"a\0text", "t.txt holds a NUL character at 1: it is no text"),
        ("train = 0.01\nblock = 5", b"a longer text", "time.train = 0.01 leaves no character"),
    ],
)
def test_a_text_that_cannot_be_split_is_told(
    tmp_path: Path, time: str, content: bytes, words: str
) -> None:
    settings = f'file = "t.txt"\nreleased = "t.txt"\nheld_out = 0.5\n[time]\n{time}\n'
    refused(write(tmp_path, settings, {"t.txt": content}), words)


def test_two_data_sets_of_one_released_name_are_refused(tmp_path: Path) -> None:
    root = write(tmp_path, TABLE, {"t.csv": ROWS})
    with pytest.raises(
        CourseError, match=r"two data sets of one exercise are released as 't\.csv'"
    ):
        datasets.training_files(root, ["made", "made"], KEY)


def test_two_arrays_of_one_released_name_are_refused(tmp_path: Path) -> None:
    twice = 'x = { released = "a" }\ny = { released = "a" }'
    settings = f'file = "a.npz"\nreleased = "a.npz"\nheld_out = 0.5\n[arrays]\n{twice}\n'
    root = write(tmp_path, settings, {"a.npz": {"x": np.arange(9), "y": np.arange(9)}})
    with pytest.raises(CourseError, match="two arrays are released as 'a'"):
        datasets.training_files(root, ["made"], KEY)


CARD = "# made\n\nSource: counted by hand. Licence: CC0. n: a number; z: metres.\n"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"README.md": CARD, "LICENSE": "CC0"}, []),
        ({"card.md": CARD, "licence-CC0.txt": "CC0"}, []),
        ({"README.md": CARD}, ["has no licence text"]),
        ({"README.md": CARD, "LICENSE.txt": " \n"}, ["has no licence text"]),
        ({"LICENSE.txt": "CC0"}, ["has no card"]),
        ({"README.md": "", "LICENSE.txt": "CC0"}, ["has no card"]),
        ({}, ["has no licence text", "has no card"]),
        ({"README.md": CARD.replace("Source", "From"), "LICENSE": "CC0"}, ["not say its source"]),
        ({"README.md": CARD.replace("Licence", "L"), "LICENSE": "CC0"}, ["not say its licence"]),
        ({"README.md": CARD.replace("z: m", "M"), "LICENSE": "CC0"}, ["what the column 'z' is"]),
    ],
)
def test_a_data_set_needs_a_card_and_a_licence(
    tmp_path: Path, files: Mapping[str, str], told: list[str]
) -> None:
    write(tmp_path / "datasets", TABLE, {"t.csv": ROWS, **files})
    found = list(faults(Root(tmp_path), "made"))
    assert len(found) == len(told)
    assert all(words in fault for words, fault in zip(told, found, strict=True))
