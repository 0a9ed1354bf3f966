"""What students get: equal bytes everywhere, from the training rows alone, nothing changed."""

from __future__ import annotations

import io
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from autograder.course import datasets
from autograder.course.datasets import Array, archives, cells, keys, tables
from autograder.course.documents.dataset_toml import Columns
from autograder.errors import DataError
from tests.course.data_folder import KEY, assert_same, write

FLOATS = st.sampled_from([np.float32, np.float64])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
WHOLE = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


@given(data=st.data(), kind=FLOATS)
def test_a_decimal_gives_the_same_float_back_and_none_shorter_does(
    data: st.DataObject, kind: Any
) -> None:
    width = 8 * kind().itemsize
    value = kind(data.draw(st.floats(width=width, allow_nan=False, allow_infinity=False)))
    text = cells.written(value, kind.__name__)
    back = cells.read(text, kind.__name__)
    assert back == value
    assert np.signbit(back) == np.signbit(value)
    if value == np.trunc(value) and abs(value) < 1e16:
        assert Decimal(text) == int(value)
        return
    digits = len(Decimal(text).normalize().as_tuple().digits)
    for fewer in range(1, min(digits, 17)):
        assert kind(float(f"{value:.{fewer}g}")) != value


@pytest.mark.parametrize("text", ["13.17", "0.1", "-7.25", "99.99", "1e-12", "3.4e+38", "0", "12"])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_a_short_decimal_stays_as_it_was_written(text: str, kind: str) -> None:
    assert Decimal(cells.written(cells.read(text, kind), kind)) == Decimal(text)


@given(kind=st.sampled_from(WHOLE), data=st.data())
def test_whole_numbers_stay_whole(kind: str, data: st.DataObject) -> None:
    limits = np.iinfo(kind)
    value = data.draw(st.integers(int(limits.min), int(limits.max)))
    assert cells.written(cells.read(str(value), kind), kind) == str(value)


@given(number=st.integers(-(10**18), 10**18))
def test_a_whole_number_is_never_rounded(number: int) -> None:
    try:
        assert int(cells.read(str(number), "float32")) == number
    except ValueError:
        assert int(np.float32(number)) != number


@st.composite
def named(draw: st.DrawFn) -> tuple[dict[str, Array], dict[str, Columns]]:
    """Draw arrays of all types a table can hold, with the columns that they become."""
    rows = draw(st.integers(1, 6))
    kinds = draw(st.lists(st.sampled_from(cells.TYPES), min_size=1, max_size=4))
    made: dict[str, Array] = {}
    for number, kind in enumerate(kinds):
        if kind == "string":
            made[f"a{number}"] = np.array(draw(st.lists(TEXTS, min_size=rows, max_size=rows)))
        elif cells.dtype_of(kind).kind == "M":
            first = np.array("1749-01", cells.dtype_of(kind))
            steps = draw(st.lists(st.integers(0, 10**6 // 800), min_size=rows, max_size=rows))
            made[f"a{number}"] = first + np.array(steps)
        else:
            nan: Any = {"allow_infinity": False} if kind.startswith("float") else None
            made[f"a{number}"] = draw(arrays_of.arrays(cells.dtype_of(kind), (rows,), elements=nan))
    return made, {
        name: Columns(type=kind, column=f'{name}, the "{kind}"\nof all')
        for name, kind in zip(made, kinds, strict=True)
    }


@given(drawn=named())
def test_a_table_gives_its_arrays_back(drawn: tuple[dict[str, Array], dict[str, Columns]]) -> None:
    arrays, columns = drawn
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(tables.write(arrays, columns))
        back = tables.read(path, columns, missing="keep")
    assert_same(back, {name: datasets.arrays.fitted(array) for name, array in arrays.items()})


ANY_TYPE = st.one_of(
    arrays_of.boolean_dtypes(),
    arrays_of.integer_dtypes(endianness="?"),
    arrays_of.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    arrays_of.complex_number_dtypes(endianness="?", sizes=(64, 128)),
    arrays_of.unicode_string_dtypes(endianness="?", min_len=1, max_len=5),
    arrays_of.datetime64_dtypes(endianness="?"),
)
SHAPES = arrays_of.array_shapes(max_dims=4, max_side=4)


@given(array=ANY_TYPE.flatmap(lambda kind: arrays_of.arrays(kind, SHAPES)), fortran=st.booleans())
def test_an_archive_gives_its_arrays_back_in_one_byte_order(array: Array, fortran: bool) -> None:
    laid_out = np.asfortranarray(array) if fortran else array
    swapped = laid_out.astype(laid_out.dtype.newbyteorder("S"))
    content = archives.write({"a": laid_out})
    assert archives.write({"a": swapped}) == content
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        back = archive["a"]
    assert back.dtype == array.dtype.newbyteorder("<")
    np.testing.assert_array_equal(back, array)


@st.composite
def ratings(draw: st.DrawFn) -> dict[str, Array]:
    """Draw rows of a user's name, a number and marks; some rows are equal."""
    users = draw(st.lists(TEXTS, min_size=8, max_size=24))
    size = len(users)
    item = draw(arrays_of.arrays(np.int16, size, elements=st.integers(0, 3)))
    marks = draw(arrays_of.arrays(np.float32, (size, 2), elements=st.floats(-2, 2, width=32)))
    return {"user": np.array(users), "item": item, "marks": marks}


def folder_of(root: str, arrays: dict[str, Array], rule: str) -> Path:
    text = f'file = "r.npz"\nreleased = "r.npz"\nheld_out = 0.4\n{rule}\n'
    return write(Path(root), text, {"r.npz": arrays})


RULES = ('inputs = ["user", "item"]', 'inputs = ["user"]', 'inputs = ["marks"]', 'group = "item"')


def split_of(root: Path) -> datasets.Split | None:
    try:
        return datasets.load(root, "made", KEY)
    except DataError:
        return None


@settings(max_examples=60)
@given(arrays=ratings(), rule=st.sampled_from(RULES))
def test_sides_share_nothing_and_files_hold_the_training_rows_alone(
    arrays: dict[str, Array], rule: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = folder_of(folder, arrays, rule)
        split = split_of(root)
        assume(split is not None)
        assert split is not None
        deciding = [name for name in arrays if f'"{name}"' in rule]
        sides = [
            set(keys.encoded([side[name] for name in deciding]))
            for side in (split.train, split.test)
        ]
        assert not sides[0] & sides[1]
        assert split.train.count + split.test.count == len(arrays["user"])
        before = datasets.training_files(root, ["made"], KEY)

        # Whatever held-out rows hold beside what decides their side: no released byte changes.
        held = np.isin(_rows(arrays, deciding), list(sides[1]))
        free = [name for name in arrays if name not in deciding]
        changed = {name: array.copy() for name, array in arrays.items()}
        for name in free:
            if name == "user":
                changed[name] = np.where(held, "somebody with a longer name than all", arrays[name])
            else:
                changed[name][held] = 7
        folder_of(folder, changed, rule)
        assert datasets.training_files(root, ["made"], KEY) == before


def _rows(arrays: dict[str, Array], names: list[str]) -> Array:
    found = np.empty(len(arrays["user"]), object)
    found[:] = keys.encoded([arrays[name] for name in names])
    return found


@given(arrays=ratings(), seed=st.integers(0, 99))
def test_the_side_of_a_row_does_not_depend_on_other_rows(
    arrays: dict[str, Array], seed: int
) -> None:
    kept = np.random.default_rng(seed).permutation(len(arrays["user"]))[:6]
    with tempfile.TemporaryDirectory() as folder:
        whole = split_of(folder_of(folder, arrays, RULES[0]))
        part = split_of(
            folder_of(folder, {name: array[kept] for name, array in arrays.items()}, RULES[0])
        )
        assume(whole is not None and part is not None)
        assert whole is not None
        assert part is not None
        for side in ("train", "test"):
            rows = [
                set(keys.encoded([getattr(split, side)[name] for name in ("user", "item")]))
                for split in (part, whole)
            ]
            assert rows[0] <= rows[1]


def test_zero_and_minus_zero_are_equal_inputs() -> None:
    one, other = keys.encoded([np.array([0.0, -0.0])])
    assert one == other


def test_arrays_of_one_row_are_told_apart() -> None:
    first = keys.encoded([np.array(["ab"]), np.array(["c"])])
    assert first != keys.encoded([np.array(["a"]), np.array(["bc"])])


def test_an_array_gets_no_axis_that_it_did_not_have(tmp_path: Path) -> None:
    images = np.arange(20 * 9, dtype=np.uint8).reshape(20, 3, 3)
    score = np.arange(20) / 7
    arrays = {"x": images, "y": score}
    text = 'file = "a.npz"\nreleased = "a.npz"\nheld_out = 0.5\n'
    split = datasets.load(write(tmp_path, text, {"a.npz": arrays}), "made", KEY)
    assert split.x_train.shape[1:] == (3, 3)
    assert split.y_train.dtype == np.float64
    assert set(split.y_train.tolist()) | set(split.y_test.tolist()) == set(score.tolist())
    text += "[arrays]\nx = { channel = true }\ny = {}\n"
    split = datasets.load(write(tmp_path, text, {"a.npz": arrays}), "made", KEY)
    assert split.x_train.shape[1:] == (3, 3, 1)
