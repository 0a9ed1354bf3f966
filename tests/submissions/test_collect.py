"""Every way a class hands in ends in one submission or one kind reason for each student."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import time
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import MissingPath, UnreadableFile
from autograder.notebooks.file_size import MAX_FILE_BYTES
from autograder.submissions import scan
from autograder.submissions.collect import collect
from autograder.submissions.owners import NAME_LENGTH, clean_name
from autograder.submissions.submission import Collected

KNOWN = ("car_price", "digits_cnn")
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def notebook(exercise: str) -> bytes:
    return json.dumps({"cells": [], "metadata": {"autograder": {"exercise": exercise}}}).encode()


def tree(root: Path, *names: str, data: bytes = NOTEBOOK) -> Path:
    for name in names:
        put(root / name, data)
    return root


def put(path: Path, data: bytes, when: float | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if when is not None:
        os.utime(path, (when, when))
    return path


def zipped(entries: dict[str, bytes], years: dict[str, int] | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, ((years or {}).get(name, 2024), 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()


def who(found: Collected) -> list[tuple[str, str, str]]:
    return [(one.student, one.exercise, one.source) for one in found.submissions]


def names(found: Collected) -> list[tuple[str, str]]:
    return [(one.student, one.exercise) for one in found.submissions]


def only_reason(found: Collected) -> str:
    assert found.submissions == ()
    (rejected,) = found.rejected
    return rejected.reason


# Folders


def test_a_class_folder(tmp_path: Path) -> None:
    tree(tmp_path / "class", "ada/car_price.ipynb", "ada/digits_cnn.py", "bob/car_price.ipynb")
    found = collect([tmp_path / "class"], KNOWN)
    assert who(found) == [
        ("ada", "car_price", "class/ada/car_price.ipynb"),
        ("ada", "digits_cnn", "class/ada/digits_cnn.py"),
        ("bob", "car_price", "class/bob/car_price.ipynb"),
    ]
    assert found.rejected == ()
    assert [one.suffix for one in found.submissions] == [".ipynb", ".py", ".ipynb"]


def test_the_bytes_and_their_hash(tmp_path: Path) -> None:
    path = put(tmp_path / "ada/car_price.py", b"x = 1\r\n")
    (one,) = collect([path], KNOWN).submissions
    assert (one.student, one.read()) == ("ada", b"x = 1\r\n")
    assert one.sha256 == hashlib.sha256(b"x = 1\r\n").hexdigest()
    path.write_bytes(b"x = 2\r\n")
    with pytest.raises(UnreadableFile, match="changed"):
        one.read()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["y24/ada/car_price/final.ipynb", "y24/bob/car_price/x.ipynb"], ["ada", "bob"]),
        (["car_price/ada/a.ipynb", "car_price/bob/b.ipynb"], ["ada", "bob"]),
        (["a/ada/car_price.ipynb", "b/bob/car_price.ipynb"], ["ada", "bob"]),
        (["ada/hw1/car_price.ipynb", "bob/hw1/car_price.ipynb"], ["ada", "bob"]),
        (["ada/car_price.ipynb", "bob/sub/car_price.ipynb"], ["ada", "bob"]),
        (["a/ada/car_price.ipynb", "b/ada/car_price.ipynb", "b/bob/car_price.ipynb"],
         ["ada (a)", "ada (b)", "bob"]),
        (["ada.ipynb", "bob.ipynb"], ["ada", "bob"]),
        (["g/ada/hw/car_price.ipynb", "h/bob/hw/car_price.ipynb"], ["ada", "bob"]),
        (["car_price_ada.ipynb", "car_price_bob.ipynb"], ["ada", "bob"]),
        (["car_price.ipynb", "car_price_final.ipynb"], ["class"]),
        (["car_price.ipynb", "helper.py"], ["class"]),
        (["car_price/car_price.ipynb", "digits_cnn/digits_cnn.ipynb"], ["class"]),
        (["ada/car_price.ipynb", "g/bob/car_price.ipynb", "g/eve/car_price.ipynb"],
         ["ada", "bob", "eve"]),
    ],
)  # fmt: skip
def test_whose_a_file_is(tmp_path: Path, files: list[str], expected: list[str]) -> None:
    tree(tmp_path / "class", *files)
    found = collect([tmp_path / "class"], KNOWN, exercise="car_price")
    assert sorted({one.student for one in found.submissions}) == expected


HOMEWORK = ["hw1", "Homework 2", "assignment-3", "Week 4", "lab5", "\u00dcbung 6", "Problem Set 7"]


LAYOUTS = [
    "{who}/{work}/a.py",
    "{work}/{who}/a.py",
    "{work}/{who}.ipynb",
    "y24/{work}/{who}/src/a.py",
    "{who}/{work}/src/a.py",
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_folder_of_homework_is_nobody(tmp_path: Path, layout: str) -> None:
    """ada has handed in everything, bob half of it, eve one piece: they are three people."""
    done = {"ada": HOMEWORK, "bob": HOMEWORK[::2], "eve": HOMEWORK[:1]}
    files = [layout.format(who=who, work=work) for who, all_ in done.items() for work in all_]
    tree(tmp_path / "class", *files)
    found = collect([tmp_path / "class"], KNOWN, exercise="car_price")
    assert [one.student for one in found.submissions] == ["ada", "bob", "eve"]
    assert not found.rejected


def test_folders_of_homework_alone_stay_apart(tmp_path: Path) -> None:
    tree(tmp_path / "class", "hw1/car_price.ipynb", "hw2/car_price.ipynb")
    assert names(collect([tmp_path / "class"], KNOWN)) == [
        ("hw1", "car_price"),
        ("hw2", "car_price"),
    ]


def test_what_is_passed_over(tmp_path: Path) -> None:
    tree(
        tmp_path / "class",
        "ada/car_price.ipynb",
        "ada/visible.py",
        "ada/conftest.py",
        "ada/._car_price.ipynb",
        "ada/.ipynb_checkpoints/car_price-checkpoint.ipynb",
        "ada/__pycache__/car_price.py",
        "__MACOSX/ada/car_price.ipynb",
        "ada/cars.csv",
        "README.md",
    )
    found = collect([tmp_path / "class"], KNOWN)
    assert who(found) == [("ada", "car_price", "class/ada/car_price.ipynb")]
    assert found.rejected == ()
    assert found.submissions[0].notes == ()


def test_the_output_folder_is_not_a_student(tmp_path: Path) -> None:
    tree(tmp_path / "class", "ada/car_price.ipynb", "out/results.json", "out/grades.csv")
    tree(tmp_path / "class", "out/students/ada.html", "bob/results.json", "bob/grades.csv")
    found = collect([tmp_path / "class"], KNOWN, output=tmp_path / "class/out")
    assert names(found) == [("ada", "car_price")]
    assert [one.student for one in found.rejected] == ["bob"]


def test_files_named_like_libraries_are_told_to_the_student(tmp_path: Path) -> None:
    tree(tmp_path / "class", "ada/car_price.ipynb", "ada/numpy.py", "ada/random.py")
    (one,) = collect([tmp_path / "class"], KNOWN).submissions
    (note,) = one.notes
    assert "numpy.py" in note
    assert "random.py" in note


def test_files_by_name_are_grouped_by_their_folder(tmp_path: Path) -> None:
    tree(tmp_path, "ada/hw.ipynb", "bob/hw.ipynb", data=notebook("car_price"))
    paths = sorted(tmp_path.glob("*/*.ipynb"))
    assert names(collect([*paths, *paths], KNOWN)) == [("ada", "car_price"), ("bob", "car_price")]


# Which exercise


@pytest.mark.parametrize(
    ("name", "data", "exercise"),
    [
        ("whatever.ipynb", notebook("digits_cnn"), "digits_cnn"),
        ("car_price.ipynb", notebook("digits_cnn"), "digits_cnn"),
        ("car_price.ipynb", notebook("unheard_of"), "car_price"),
        ("Car-Price (1).ipynb", NOTEBOOK, "car_price"),
        ("DIGITS_CNN_final-2.ipynb", NOTEBOOK, "digits_cnn"),
        ("car_price.ipynb", b'{"autograder"', "car_price"),
        ("car_price.ipynb", b'"autograder"' + b"[" * 100_000, "car_price"),
        ("car_price.ipynb", b'{"metadata": {"autograder": [1]}}', "car_price"),
        ("digits_cnn.py", notebook("car_price"), "digits_cnn"),
        ("homework.py", b"", "car_price"),
    ],
)
def test_which_exercise(tmp_path: Path, name: str, data: Any, exercise: str) -> None:
    put(tmp_path / "ada" / name, data)
    (one,) = collect([tmp_path / "ada"], KNOWN, exercise="car_price").submissions
    assert one.exercise == exercise


def test_an_unclear_file_is_told_the_names(tmp_path: Path) -> None:
    put(tmp_path / "ada/homework.ipynb", NOTEBOOK)
    reason = only_reason(collect([tmp_path / "ada"], KNOWN))
    assert "car_price.ipynb, digits_cnn.ipynb" in reason


def test_a_renamed_notebook_is_noted(tmp_path: Path) -> None:
    put(tmp_path / "ada/car_price.ipynb", notebook("digits_cnn"))
    (one,) = collect([tmp_path], KNOWN).submissions
    assert "named after car_price" in one.notes[0]


def test_a_relative_path_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path, "class/ada/car_price.ipynb", "eve/digits_cnn.py")
    monkeypatch.chdir(tmp_path / "class")
    found = collect([Path("."), Path("../eve/digits_cnn.py")], KNOWN)
    monkeypatch.chdir("/")
    assert [one.read() for one in found.submissions] == [NOTEBOOK, NOTEBOOK]
    assert [one.source for one in found.submissions] == [
        "class/ada/car_price.ipynb",
        "../eve/digits_cnn.py",
    ]


def test_usage_errors() -> None:
    with pytest.raises(MissingPath, match="nowhere"):
        collect([Path("nowhere")], KNOWN)
    with pytest.raises(ValueError, match="Known: car_price, digits_cnn"):
        collect([], KNOWN, exercise="cars")


# Attempts


def test_the_latest_file_counts_and_says_so(tmp_path: Path) -> None:
    put(tmp_path / "ada/car_price.ipynb", b"old", when=1_000)
    put(tmp_path / "ada/car_price (1).ipynb", b"new", when=2_000)
    (one,) = collect([tmp_path], KNOWN).submissions
    assert one.read() == b"new"
    assert "latest of 2" in one.notes[0]
    assert "ada/car_price.ipynb" in one.notes[0]


WORK = b"""{"cells": [{"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": []}],
 "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"""
BROKEN = {
    "cut off": WORK[: len(WORK) // 2],
    "empty": b"",
    "a page of the platform": b"<html>Session expired</html>",
    "without code": NOTEBOOK,
}


@pytest.mark.parametrize("later", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("paths", [[""], ["week1", "week2"]], ids=["one path", "two paths"])
def test_a_broken_file_hides_no_earlier_answer(
    tmp_path: Path, later: bytes, paths: list[str]
) -> None:
    put(tmp_path / paths[0] / "ada/car_price.ipynb", WORK, when=1_000)
    put(tmp_path / paths[-1] / "ada/car_price (1).ipynb", later, when=2_000)
    found = collect([tmp_path / path for path in paths], KNOWN)
    (one,) = found.submissions
    assert one.read() == WORK
    (note,) = one.notes
    assert "no code can be read" in note
    assert "car_price (1).ipynb" in note
    assert not found.rejected


def test_of_broken_files_alone_the_latest_is_reported(tmp_path: Path) -> None:
    put(tmp_path / "ada/car_price.ipynb", BROKEN["cut off"], when=1_000)
    put(tmp_path / "ada/car_price (1).ipynb", BROKEN["empty"], when=2_000)
    (one,) = collect([tmp_path], KNOWN).submissions
    assert one.source.endswith("ada/car_price (1).ipynb")


def test_copy_numbers_decide_between_equal_times(tmp_path: Path) -> None:
    for number in (2, 10, 9):
        put(tmp_path / f"ada/car_price-{number}.ipynb", str(number).encode(), when=1_000)
    (one,) = collect([tmp_path], KNOWN).submissions
    assert one.read() == b"10"


def test_a_newer_helper_is_not_taken_for_the_notebook(tmp_path: Path) -> None:
    put(tmp_path / "ada/car_price.ipynb", b"work", when=1_000)
    put(tmp_path / "ada/helper.py", b"help", when=2_000)
    (one,) = collect([tmp_path], KNOWN, exercise="car_price").submissions
    assert one.read() == b"work"
    assert "helper.py" in one.notes[0]


def test_one_name_in_two_paths_is_one_student(tmp_path: Path) -> None:
    put(tmp_path / "week1/ada/car_price.ipynb", b"old", when=1_000)
    put(tmp_path / "week2/ada/car_price.ipynb", b"new", when=2_000)
    (one,) = collect([tmp_path / "week2", tmp_path / "week1"], KNOWN).submissions
    assert one.read() == b"new"


def test_an_unusable_newer_attempt_is_noted(tmp_path: Path) -> None:
    tree(tmp_path, "ada/car_price.ipynb")
    put(tmp_path / "ada/car_price-2.ipynb", bytes(MAX_FILE_BYTES + 1))
    found = collect([tmp_path], KNOWN)
    assert "20 MB" in found.submissions[0].notes[0]
    assert found.rejected == ()


# Platforms


def test_moodle(tmp_path: Path) -> None:
    path = put(
        tmp_path / "class.zip",
        zipped(
            {
                "Lovelace Ada_11_assignsubmission_file_/car_price.ipynb": b"ada",
                "Lovelace Ada_11_assignsubmission_onlinetext_/onlinetext.html": b"hello",
                "Bool\N{LATIN SMALL LETTER E WITH ACUTE}_12_assignsubmission_file_car_price.ipynb":
                    b"bob",
                "Doe Jo_13_assignsubmission_file_/car_price.ipynb": b"jo one",
                "Doe Jo_14_assignsubmission_file_/car_price.ipynb": b"jo two",
                "Participant_15_assignsubmission_file_/car_price.ipynb": b"blind",
                "Pdf Paul_16_assignsubmission_file_/report.pdf": b"%PDF",
                "Zip Zoe_17_assignsubmission_file_/hw.zip":
                    zipped({"Bob_99_assignsubmission_file_/car_price.ipynb": b"zoe"}),
            }
        ),
    )  # fmt: skip
    found = collect([path], KNOWN)
    assert {one.student: one.read() for one in found.submissions} == {
        "Bool\N{LATIN SMALL LETTER E WITH ACUTE}": b"bob",
        "Doe Jo (13)": b"jo one",
        "Doe Jo (14)": b"jo two",
        "Lovelace Ada": b"ada",
        "Participant 15": b"blind",
        "Zip Zoe": b"zoe",
    }
    (rejected,) = found.rejected
    assert rejected.student == "Pdf Paul"
    assert "report.pdf" in rejected.reason
    assert "class.zip:Lovelace Ada_11_assignsubmission_file_/car_price.ipynb" in [
        one.source for one in found.submissions
    ]


def test_moodle_by_time(tmp_path: Path) -> None:
    folder = "Ada_11_assignsubmission_file_/"
    files = {f"{folder}car_price.ipynb": b"new", f"{folder}car_price_old.ipynb": b"old"}
    data = zipped(files, {f"{folder}car_price.ipynb": 2025})
    (one,) = collect([put(tmp_path / "class.zip", data)], KNOWN).submissions
    assert one.read() == b"new"


@pytest.mark.parametrize("wrapper", ["", "submissions/"])
def test_canvas(tmp_path: Path, wrapper: str) -> None:
    files = {
        f"{wrapper}lovelaceada_LATE_1_1001_car_price-1.ipynb": b"second",
        f"{wrapper}lovelaceada_1_1000_car_price.ipynb": b"first",
        f"{wrapper}lovelaceada_1_1002_digits_cnn.ipynb": b"digits",
        f"{wrapper}boolegeorge_2_1003_homework.zip": zipped({"x/car_price.py": b"zip"}),
        f"{wrapper}mallory_3_1004_boolegeorge_2_9999_car_price.ipynb": b"mallory",
    }
    found = collect([put(tmp_path / "submissions.zip", zipped(files))], KNOWN)
    assert {(one.student, one.exercise): one.read() for one in found.submissions} == {
        ("boolegeorge", "car_price"): b"zip",
        ("lovelaceada", "car_price"): b"second",
        ("lovelaceada", "digits_cnn"): b"digits",
        ("mallory", "car_price"): b"mallory",
    }
    assert found.rejected == ()


def test_unpacked_platform_folders(tmp_path: Path) -> None:
    folder = tree(tmp_path / "class", "Ada_11_assignsubmission_file_/car_price.ipynb")
    tree(tmp_path / "class", "Bob_12_assignsubmission_file_/car_price.ipynb")
    assert names(collect([folder], KNOWN)) == [("Ada", "car_price"), ("Bob", "car_price")]
    file = next(folder.glob("Ada*/*.ipynb"))
    assert names(collect([file], KNOWN)) == [("Ada", "car_price")]


def test_a_student_cannot_pose_as_another_from_an_own_folder(tmp_path: Path) -> None:
    tree(tmp_path, "bob/car_price.ipynb", "mallory/bob_2_999_car_price.ipynb")
    tree(tmp_path, "eve/bob_2_assignsubmission_file_/car_price.ipynb")
    assert [one.student for one in collect([tmp_path], KNOWN).submissions] == [
        "bob",
        "eve",
        "mallory",
    ]


# Archives


def test_zips_in_a_folder_are_students(tmp_path: Path) -> None:
    put(tmp_path / "class/ada.zip", zipped({"car_price.ipynb": b"a"}))
    put(tmp_path / "class/bob.zip", zipped({"deep/er/car_price.ipynb": b"b"}))
    put(tmp_path / "class/zed/digits_cnn.zip", zipped({"digits_cnn.ipynb": b"z"}))
    put(tmp_path / "class/zed/car_price.zip", zipped({"x/car_price.ipynb": b"z"}))
    put(tmp_path / "class/eve/my homework.zip", zipped({"ada/car_price.ipynb": b"e"}))
    found = collect([tmp_path / "class"], KNOWN)
    assert {one.student: one.read() for one in found.submissions} == {
        "ada": b"a",
        "bob": b"b",
        "eve": b"e",
        "zed": b"z",
    }


def test_zips_are_unpacked_one_level_deep(tmp_path: Path) -> None:
    inner = zipped({"car_price.ipynb": b"x"})
    for _ in range(2):
        inner = zipped({"ada.zip": inner})
    assert "zip inside a zip" in only_reason(collect([put(tmp_path / "c.zip", inner)], KNOWN))


def test_small_bombs_of_one_student_cost_only_that_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "UNPACKED_BYTES", 2_000_000)  # in place of 400 MB: the test is quick
    small_bomb = zipped({"car_price.ipynb": bytes(900_000)})
    work = {"car_price.ipynb": os.urandom(200_000)}
    members = {"bob.zip": zipped(work)} | {f"eve/{n}.zip": small_bomb for n in range(20)}
    path = put(tmp_path / "class.zip", zipped({**members, "zoe.zip": zipped(work)}))
    refused = set()
    with scan.Reader() as reader:
        for file in scan.scan(path, reader):
            try:
                reader.read(file.location)
            except UnreadableFile:
                refused.add(file.parts[0])
    assert refused == {"eve"}


@pytest.mark.parametrize("data", [b"", b"Rar!\x1a\x07", b"PK\x03\x04 broken"])
def test_broken_archives_cost_only_themselves(tmp_path: Path, data: bytes) -> None:
    put(tmp_path / "class/ada.zip", data)
    tree(tmp_path / "class", "bob/car_price.ipynb")
    found = collect([tmp_path / "class"], KNOWN)
    assert names(found) == [("bob", "car_price")]
    (rejected,) = found.rejected
    assert rejected.student == "ada"
    assert "zip" in rejected.reason
    assert "zip" in only_reason(collect([tmp_path / "class/ada.zip"], KNOWN))


@pytest.mark.parametrize("name", ["hw.tar.gz", "hw.rar", "car_price.pdf", "car_price.ipynb.txt"])
def test_wrong_kinds_of_file_are_told_what_to_hand_in(tmp_path: Path, name: str) -> None:
    put(tmp_path / "class/ada" / name, b"?")
    tree(tmp_path / "class", "bob/car_price.ipynb")
    (rejected,) = collect([tmp_path / "class"], KNOWN).rejected
    assert rejected.student == "ada"
    assert ".ipynb" in rejected.reason
    assert ".ipynb" in only_reason(collect([tmp_path / "class/ada" / name], KNOWN))


def test_evil_entries_are_reported_and_nothing_is_written(tmp_path: Path) -> None:
    entries = {f"../../evil{n}.py": b"evil" for n in range(30)}
    data = zipped({**entries, "/abs.py": b"evil", "ada/car_price.ipynb": b"fine"})
    path = put(tmp_path / "in/class.zip", data)
    found = collect([path], KNOWN)
    assert [one.read() for one in found.submissions] == [b"fine"]
    assert {one.student for one in found.rejected} == {""}
    assert len(found.rejected) == 21
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "in", path]


def test_a_bomb_ends_soon_and_costs_only_itself(tmp_path: Path) -> None:
    bomb = zipped({f"{n}/car_price.py": bytes(MAX_FILE_BYTES) for n in range(12)})
    entries = {f"mallory/{n}.zip": bomb for n in range(20)}
    data = zipped({"ada/car_price.ipynb": b"fine", "zed/car_price.ipynb": b"fine", **entries})
    path = put(tmp_path / "class.zip", data)
    began = time.process_time()
    found = collect([path], KNOWN)
    assert time.process_time() - began < 2
    assert {"ada", "zed"} <= {one.student for one in found.submissions}
    assert {one.student for one in found.rejected} <= {"mallory", *(str(n) for n in range(20))}


def test_a_students_own_zip_that_packs_twice_is_not_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("car_price.py", bytes(2_000_000))
    path = put(tmp_path / "class.zip", zipped({"ada/hw.zip": inner.getvalue()}))
    assert "zip bomb" in only_reason(collect([path], KNOWN))


# Files that are no files


@pytest.fixture
def odd_folder(tmp_path: Path) -> Any:
    return tree(tmp_path / "class", "bob/car_price.ipynb", "ada/nothing.csv")


def the_other(odd_folder: Path) -> str:
    found = collect([odd_folder], KNOWN)
    assert names(found) == [("bob", "car_price")]
    (rejected,) = found.rejected
    assert (rejected.student, rejected.exercise) == ("ada", "car_price")
    return rejected.reason


def test_links_are_not_followed(odd_folder: Any, tmp_path: Path) -> None:
    secret = put(tmp_path / "hidden.py", b"secret")
    (odd_folder / "ada/car_price.ipynb").symlink_to(secret)
    assert "link" in the_other(odd_folder)


def test_linked_folders_are_not_followed(odd_folder: Any, tmp_path: Path) -> None:
    tree(tmp_path / "elsewhere", "car_price.ipynb")
    (odd_folder / "eve").symlink_to(tmp_path / "elsewhere")
    (odd_folder / "loop").symlink_to(odd_folder)
    assert names(collect([odd_folder], KNOWN)) == [("bob", "car_price")]


def test_a_fifo_does_not_hang(odd_folder: Any) -> None:
    os.mkfifo(odd_folder / "ada/car_price.ipynb")
    assert "ordinary file" in the_other(odd_folder)


def test_devices_are_not_read() -> None:
    assert "ordinary file" in collect([Path("/dev/zero")], KNOWN).rejected[0].reason


def test_large_files_are_not_read(odd_folder: Any) -> None:
    with (odd_folder / "ada/car_price.ipynb").open("wb") as stream:
        stream.truncate(100_000_000_000)
    assert "20 MB" in the_other(odd_folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_without_permission(odd_folder: Any) -> None:
    put(odd_folder / "ada/car_price.ipynb", b"").chmod(0)
    assert "cannot be opened" in the_other(odd_folder)


def test_folders_without_end_cost_only_themselves(tmp_path: Path) -> None:
    tree(tmp_path, "bob/car_price.ipynb", f"ada/{'x/' * 40}car_price.ipynb")
    tree(tmp_path, *(f"ada/{number}.py" for number in range(60)), "ada/car_price.ipynb")
    found = collect([tmp_path], KNOWN, exercise="car_price")
    assert names(found) == [("ada", "car_price"), ("bob", "car_price")]
    ada, bob = found.submissions
    assert ada.source.endswith("ada/car_price.ipynb")
    assert any("too many" in note for note in ada.notes)
    assert bob.notes == ()


def test_more_files_than_anybody_hands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "ENTRIES", 10)
    tree(tmp_path, *(f"ada/deep/{number}.csv" for number in range(20)), "ada/deep/er/a.csv")
    tree(tmp_path, *(f"student{number}/car_price.py" for number in range(20)))
    found = collect([tmp_path], KNOWN)
    assert len(found.submissions) == 20
    assert {one.student for one in found.rejected} == {"ada"}


def test_an_empty_folder_is_not_silent(tmp_path: Path) -> None:
    assert "no notebook" in only_reason(collect([tmp_path], KNOWN))


# Names


def test_names_keep_unicode_and_stay_distinct(tmp_path: Path) -> None:
    composed, decomposed = "Jos\u00e9", "Jose\u0301"
    tree(tmp_path, *(f"{name}/car_price.py" for name in (composed, decomposed, "Ada", "ada")))
    tree(tmp_path, "Ad\u202ea/car_price.py", "Ada\n/car_price.py")
    students = [one.student for one in collect([tmp_path], KNOWN).submissions]
    assert len(set(students)) == 6
    assert {"Ada", "ada"} <= set(students)
    assert all(name.isprintable() for name in students)
    assert sum(name.startswith(composed) for name in students) == 2


def test_file_names_that_are_no_text(tmp_path: Path) -> None:
    put(tmp_path / os.fsdecode(b"\xff\xfe") / "car_price.py", b"x")
    tree(tmp_path, "bob/car_price.py")
    found = collect([tmp_path], KNOWN)
    assert len(found.submissions) == 2
    for one in found.submissions:
        (one.student + one.source).encode()


@given(st.text(max_size=200))
def test_clean_names_are_safe_to_show(raw: Any) -> None:
    name = clean_name(raw)
    assert name.strip(" .")
    assert len(name) <= NAME_LENGTH + 7
    assert not set(name) & set("/\\\0\n\r\t")
    assert name == " ".join(name.split(" ")).strip()
    name.encode()


@given(st.text(max_size=30), st.text(max_size=30))
def test_cleaning_never_makes_two_names_one(one: Any, other: Any) -> None:
    # The same letters in another composition are told apart later, by where they lie.
    if unicodedata.normalize("NFC", one).strip(" ") != unicodedata.normalize("NFC", other).strip(
        " "
    ):
        assert clean_name(one) != clean_name(other)


@given(st.dictionaries(st.text(max_size=40), st.binary(max_size=20), max_size=6))
def test_any_archive_gives_every_notebook_a_place(
    tmp_path_factory: pytest.TempPathFactory, entries: Any
) -> None:
    def entry(name: str) -> str:
        return f"{name}.py"

    try:
        data = zipped({entry(name): content for name, content in entries.items()})
    except (UnicodeEncodeError, ValueError):
        return
    path = put(tmp_path_factory.mktemp("any") / "class.zip", data)
    found = collect([path], KNOWN, exercise="car_price")
    assert found.submissions or found.rejected
    for one in found.submissions:
        assert hashlib.sha256(one.read()).hexdigest() == one.sha256
        assert one.source.isprintable()


def test_the_order_of_paths_does_not_matter(tmp_path: Path) -> None:
    paths = [
        put(tmp_path / f"{student}/{exercise}.py", student.encode(), when=1_000)
        for student in ("ada", "bob")
        for exercise in KNOWN
    ]
    assert collect(paths, KNOWN) == collect(paths[::-1], KNOWN)


def test_a_platforms_archive_is_a_class_where_it_was_named_or_lies_alone(tmp_path: Path) -> None:
    tree(tmp_path, "eve/car_price.py")
    names = [f"Student {n}_{n}_assignsubmission_file_/car_price.py" for n in (11, 12)]
    with zipfile.ZipFile(tmp_path / "moodle.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "x = 1")
    found = collect([tmp_path / "moodle.zip"], ["car_price"])
    assert [one.student for one in found.submissions] == ["Student 11", "Student 12"]
    assert not found.rejected
    beside = collect([tmp_path], ["car_price"])
    assert [one.student for one in beside.submissions] == ["eve", "moodle"]
    (told,) = beside.rejected
    assert (told.student, told.source) == ("", "moodle.zip")
    assert "name it in the command" in told.reason
    shutil.rmtree(tmp_path / "eve")
    assert collect([tmp_path], ["car_price"]) == found
