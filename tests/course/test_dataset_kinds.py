"""Data of every kind that an exercise needs: read, split, released, and read back unchanged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autograder.course import datasets
from autograder.course.datasets import Array, Split
from autograder.errors import UnknownArray
from tests.course.data_folder import KEY, assert_same, release, write


def both_ways(root: Path, tmp_path: Path) -> Split:
    """Return a data set as a grader has it, after students' checks were seen to have the same."""
    split = datasets.load(root, "made", KEY)
    assert_same(release(root, tmp_path / "students"), split.train)
    return split


def values(split: Split, name: str) -> tuple[set[object], set[object]]:
    """Return the values of an array on the two sides."""
    return set(split.train[name].ravel().tolist()), set(split.test[name].ravel().tolist())


def test_sentences_with_labels(tmp_path: Path) -> None:
    lines = [f'"Good case {n}, ""excellent"" value",{n % 2}' for n in range(40)]
    lines += [
        "Ünïcode straße 東京 \U0001f6b2,1",
        '"two\nlines",0',
        "Good as gold,1",
        "Good as gold,0",
    ]
    settings = """
        file = "sentences.csv"
        released = "sentences.csv"
        held_out = 0.4
        inputs = ["text"]
        [arrays]
        text = { column = "text", type = "string" }
        label = { column = "label", type = "int64" }
    """
    root = write(tmp_path, settings, {"sentences.csv": "\n".join(["text,label", *lines, ""])})
    split = both_ways(root, tmp_path)
    train, test = values(split, "text")
    assert not train & test  # the sentence with two labels is on one side
    assert {"two\nlines", 'Good case 0, "excellent" value', "Good as gold"} <= train | test
    assert split.train["text"].dtype.kind == split.test["text"].dtype.kind == "U"
    assert split.train.count + split.test.count == 44
    with pytest.raises(UnknownArray, match="no array 'x'; it has: text, label"):
        _ = split.x_train


def test_strings_in_an_archive_stay_strings(tmp_path: Path) -> None:
    words = np.array([f"word {n}" for n in range(20)] + ["long " * 9])
    settings = 'file = "w.npz"\nreleased = "words.npz"\nheld_out = 0.5\ninputs = ["word"]'
    root = write(tmp_path, settings, {"w.npz": {"word": words, "size": np.arange(21.0)}})
    split = both_ways(root, tmp_path)
    with np.load(tmp_path / "students" / "words.npz", allow_pickle=False) as archive:
        longest = max(map(len, split.train["word"].tolist()))
        assert archive["word"].dtype == np.dtype(f"<U{longest}")


def test_a_text_is_cut_by_time(tmp_path: Path) -> None:
    text = "".join(f"{n} It is a truth – “universally” acknowledged.\r\n" for n in range(200))
    settings = """
        file = "novel.txt"
        released = "novel.txt"
        held_out = 0.5
        [time]
        train = 0.6
        block = 300
        gap = 50
    """
    split = both_ways(write(tmp_path, settings, {"novel.txt": text}), tmp_path)
    cut = int(0.6 * len(text))
    assert split.train["text"].tolist() == [text[:cut]]
    assert (tmp_path / "students" / "novel.txt").read_bytes() == text[:cut].encode()
    later = [text[at : at + 300] for at in range(cut + 50, len(text), 300)]
    held = split.test["text"].tolist()
    assert len(held) == len(later) // 2
    assert set(held) < set(later)


IMAGES_TO_MASKS = """
import numpy as np
from PIL import Image

def read(folder):
    images = [np.asarray(Image.open(folder / f"image{n}.png")) for n in range(12)]
    masks = [np.asarray(Image.open(folder / f"mask{n}.tif")) for n in range(12)]
    boxes = np.arange(12 * 2 * 4, dtype="float32").reshape(12, 2, 4) / 7
    return {
        "image": np.stack(images),
        "mask": np.stack(masks),
        "boxes": boxes,
        "scene": [f"scene {n // 3}" for n in range(12)],
    }
"""


def test_images_to_masks_and_boxes_by_scene(tmp_path: Path) -> None:
    from PIL import Image

    settings = 'released = "scenes.npz"\nheld_out = 0.5\ngroup = "scene"'
    root = write(tmp_path, settings, {"read.py": IMAGES_TO_MASKS})
    random = np.random.default_rng(1)
    for n in range(12):
        image = random.integers(0, 255, (6, 5, 3), dtype=np.uint8)
        Image.fromarray(image).save(root / "made" / f"image{n}.png")
        mask = random.integers(0, 1000, (6, 5), dtype=np.uint16)
        Image.fromarray(mask).save(root / "made" / f"mask{n}.tif")
    split = both_ways(root, tmp_path)
    train, test = values(split, "scene")
    assert (len(train), len(test)) == (2, 2)
    assert not train & test
    assert split.train["image"].shape == (6, 6, 5, 3)
    assert split.train["mask"].dtype == np.uint16
    assert not list((root / "made").glob("__pycache__"))


def test_windows_grouped_by_person(tmp_path: Path) -> None:
    person = np.repeat(np.arange(10), 7)
    x = np.random.default_rng(2).normal(size=(70, 8, 3)).astype(np.float32)
    settings = 'file = "watch.npz"\nreleased = "watch.npz"\nheld_out = 0.3\ngroup = "person"'
    settings += '\nwhole = ["exercises"]'
    names = np.array(["squat", "press", "swing", "row"])
    arrays = {"x": x, "y": person % 4, "person": person, "exercises": names}
    root = write(tmp_path, settings, {"watch.npz": arrays})
    split = both_ways(root, tmp_path)
    train, test = values(split, "person")
    assert not train & test
    assert (len(train), len(test)) == (7, 3)
    assert split.x_train.shape == (49, 8, 3)
    assert split.x_train.dtype == np.float32
    assert split.train["exercises"].tolist() == split.test["exercises"].tolist() == names.tolist()
    assert (split.train.count, split.test.count) == (49, 21)


def test_ratings(tmp_path: Path) -> None:
    lines = [f"{user},{item},{user * item % 9 / 2:g}" for user in range(9) for item in range(9)]
    settings = """
        file = "ratings.csv"
        released = "ratings.csv"
        held_out = 0.25
        inputs = ["user", "item"]
        [arrays]
        user = { column = "user", type = "int32" }
        item = { column = "item", type = "int32" }
        stars = { column = "stars", type = "float32" }
    """
    content = {"ratings.csv": "\n".join(["user,item,stars", *lines])}
    split = both_ways(write(tmp_path, settings, content), tmp_path)
    pairs = [set(zip(s["user"].tolist(), s["item"].tolist(), strict=True)) for s in _sides(split)]
    assert not pairs[0] & pairs[1]
    assert len(pairs[0] | pairs[1]) == 81
    released = (tmp_path / "students" / "ratings.csv").read_text("utf-8").splitlines()
    assert set(released[1:]) < set(lines)


def test_a_series_by_month(tmp_path: Path) -> None:
    spots = [f"{1749 + n // 12}-{n % 12 + 1:02},{n * 0.1:.1f}" for n in range(240)]
    settings = """
        file = "spots.csv"
        released = "spots.csv"
        held_out = 0.5
        [arrays]
        time = { column = "month", type = "month" }
        spots = { column = "sunspots", type = "float64" }
        [time]
        array = "time"
        train = 0.5
        block = 30
        window = 12
    """
    root = write(tmp_path, settings, {"spots.csv": "\n".join(["month,sunspots", *spots])})
    split = both_ways(root, tmp_path)
    assert split.x_train.shape == (120 - 12, 12, 1)
    assert split.x_test.shape == (2 * (30 - 12), 12, 1)
    assert (tmp_path / "students" / "spots.csv").read_text("utf-8").splitlines()[1] == "1749-01,0"
    stretches = [{np.append(*p).tobytes() for p in zip(*s, strict=True)} for s in _xy(split)]
    assert not stretches[0] & stretches[1]


def test_steps_without_a_window_say_their_block(tmp_path: Path) -> None:
    settings = """
        file = "weather.npz"
        released = "weather.csv"
        held_out = 0.4
        [time]
        train = 0.5
        block = 10
        gap = 5
    """
    count = 105
    arrays = {"rain": np.arange(count) / 7, "kind": np.array(["sun", "fog", "rain"] * 35)}
    root = write(tmp_path, settings, {"weather.npz": arrays})
    split = both_ways(root, tmp_path)
    assert split.train.count == 52
    assert set(split.test["block"].tolist()) == {0, 1}
    steps = np.rint(split.test["rain"] * 7).astype(int)
    assert steps.min() >= 57
    for number in (0, 1):
        block = steps[split.test["block"] == number]
        np.testing.assert_array_equal(np.diff(block), 1)
        assert (block[0] - 57) % 10 == 0
    assert (split.test["kind"] == arrays["kind"][steps]).all()


def test_windows_of_a_series_beside_the_names_of_its_values(tmp_path: Path) -> None:
    settings = """
        file = "s.npz"
        released = "s.npz"
        held_out = 0.5
        whole = ["names"]
        [time]
        train = 0.5
        block = 20
        window = 4
    """
    arrays = {"s": np.arange(200.0).reshape(100, 2), "names": np.array(["rain", "wind", "sun"])}
    split = both_ways(write(tmp_path, settings, {"s.npz": arrays}), tmp_path)
    assert list(split.train) == list(split.test) == ["x", "y", "names"]
    assert split.x_train.shape == (46, 4, 2)


def test_several_data_sets_in_one_exercise(tmp_path: Path) -> None:
    settings = 'file = "a.npz"\nreleased = "{}.npz"\nheld_out = 0.5\ninputs = ["a"]'
    root = write(tmp_path / "data", settings.format("first"), {"a.npz": {"a": np.arange(20)}})
    (root / "made").rename(root / "first")
    write(root, settings.format("second"), {"a.npz": {"a": np.arange(30) / 3}})
    (root / "made").rename(root / "second")
    files = datasets.training_files(root, ["first", "second"], KEY)
    assert list(files) == ["first.npz", "second.npz", "data.json"]
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for name in ("first", "second"):
        assert_same(datasets.read_back(tmp_path, name), datasets.load(root, name, KEY).train)


def _sides(split: Split) -> tuple[datasets.Rows, datasets.Rows]:
    return split.train, split.test


def _xy(split: Split) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    return (split.x_train, split.y_train), (split.x_test, split.y_test)
