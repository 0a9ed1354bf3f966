"""Whatever people hand in on a platform, each of them has exactly one row."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submissions.collect import collect
from autograder.submissions.submission import Collected

KNOWN = ("car_price", "digits_cnn")
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
WORK = ("car_price.ipynb", "Car-Price (1).ipynb", "car_price.py", "my car_price_final.ipynb")
OTHER = (
    *("car_price.ipynb.json", "car_price.ipynb.txt", "car_price", "car_price.ipynb.crdownload"),
    *("homework.pdf", "Untitled0.ipynb - Colab.html", "notes.docx", "data.csv", "net.h5"),
    *("picture.HEIC", "work.rar", "README", "strange.q7x", "car_price.py.bak", "a.b.c"),
)
LITTER = (".DS_Store", "._car_price.ipynb", "Thumbs.db", "~$notes.docx", "desktop.ini")
# Distinct but close names, none of which looks like homework or like an exercise.
NAMES = (
    *("Ada Example", "Ada Exampl", "ben", "Jo", "Jo-Ann O'Neil", "van der Berg", "Xu"),
    *("\u7530\u4e2d \u967d\u5b50", "Zo\u00e9 M\u00fcller", "\u014al\u00faw\u00e0", "anna maria"),
)


@dataclass(frozen=True)
class Person:
    """Somebody, with the names of the files that were handed in; none is an empty folder."""

    name: str
    number: int
    files: tuple[str, ...]


def people(least: int) -> st.SearchStrategy[list[Person]]:
    """Return classes in which everybody handed in `least` files at least, of any kind."""
    files = st.lists(
        st.sampled_from((*WORK, *OTHER, *LITTER)), min_size=least, max_size=4, unique=True
    )
    names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True)

    def numbered(class_: list[tuple[str, list[str]]]) -> list[Person]:
        return [Person(name, 101 + n, tuple(files)) for n, (name, files) in enumerate(class_)]

    return names.flatmap(
        lambda names: st.tuples(*(st.tuples(st.just(name), files) for name in names))
    ).map(lambda class_: numbered(list(class_)))


def moodle(person: Person) -> list[str]:
    folder = f"{person.name}_{person.number}_assignsubmission_file_/"
    return [folder + name for name in person.files] or [folder]


def moodle_without_folders(person: Person) -> list[str]:
    return [f"{person.name}_{person.number}_assignsubmission_file_{n}" for n in person.files]


def moodle_text(person: Person) -> list[str]:
    folder = f"{person.name}_{person.number}_assignsubmission_onlinetext_/"
    return [f"{folder}onlinetext.html", *moodle(person)]


def canvas(person: Person) -> list[str]:
    prefix = f"{person.name}_LATE_{person.number}"
    return [f"{prefix}_{9000 + n}_{name}" for n, name in enumerate(person.files)] or [
        f"{prefix}_text.html"
    ]


def blackboard(person: Person) -> list[str]:
    prefix = f"Car Price_u{person.number}_attempt_2026-10-0"
    files = [f"{prefix}{1 + n}-10-00-00_{name}" for n, name in enumerate(person.files)]
    return [f"{prefix}1-10-00-00.txt", *files]


def brightspace(person: Person) -> list[str]:
    prefix = f"{person.number}-700001 - {person.name} - Oct "
    return [f"{prefix}{1 + n}, 2026 801 AM - {name}" for n, name in enumerate(person.files)]


def brightspace_folders(person: Person) -> list[str]:
    prefix = f"{person.number}-700001 - {person.name} - Oct "
    folders = [f"{prefix}{1 + n}, 2026 1159 PM/{name}" for n, name in enumerate(person.files)]
    return folders or [f"{prefix}1, 2026 1159 PM/"]


PLATFORMS = (
    *((moodle, 0), (moodle_without_folders, 1), (moodle_text, 0), (canvas, 0), (blackboard, 0)),
    *((brightspace, 1), (brightspace_folders, 0)),
)


def archived(names: list[str], change: Callable[[str], str] = str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(change(name), b"" if name.endswith("/") else NOTEBOOK)
    return buffer.getvalue()


def unpacked(folder: Path, names: list[str]) -> Path:
    for name in names:
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(NOTEBOOK)
    return folder


def assert_everybody_has_one_row(collected: Collected, class_: dict[str, Person]) -> None:
    rows = [one.student for one in collected.submissions]
    rows += [one.student for one in collected.rejected]
    assert sorted(rows) == sorted(class_)
    for submission in collected.submissions:
        assert set(class_[submission.student].files) & set(WORK)
    for refusal in collected.rejected:
        files = class_[refusal.student].files
        assert not set(files) & set(WORK)
        assert "hand in an .ipynb or .py file" in refusal.reason
        if len(handed_in := set(files) - set(LITTER)) == 1:
            assert handed_in.pop() in refusal.reason


def by_row(platform: Callable[[Person], list[str]], class_: list[Person]) -> dict[str, Person]:
    if platform is blackboard:
        return {f"u{person.number}": person for person in class_}
    return {person.name: person for person in class_}


@pytest.mark.parametrize(("platform", "least"), PLATFORMS)
@settings(max_examples=40)
@given(st.data())
def test_everybody_on_a_platform_has_exactly_one_row(
    platform: Callable[[Person], list[str]],
    least: int,
    data: st.DataObject,
) -> None:
    class_ = data.draw(people(least))
    names = [name for person in class_ for name in platform(person)]
    litter = data.draw(st.sampled_from(([], ["__MACOSX/._x.ipynb", ".DS_Store", "index.html"])))
    form = data.draw(st.sampled_from(("zip", "folder", "wrapped zip", "windows zip")))
    with tempfile.TemporaryDirectory() as top:
        path = written(Path(top), form, names, litter)
        assert_everybody_has_one_row(collect([path], KNOWN), by_row(platform, class_))


def written(top: Path, form: str, names: list[str], litter: list[str]) -> Path:
    """Write a platform's files below `top`, in one of the forms in which instructors have them."""
    if form == "folder":
        return unpacked(top / "submissions", [*names, *litter])
    change: dict[str, Callable[[str], str]] = {
        "zip": str,
        "wrapped zip": lambda name: f"submissions/{name}",
        "windows zip": lambda name: name.replace("/", "\\"),
    }
    path = top / "submissions.zip"
    whole = [] if form == "wrapped zip" else litter
    path.write_bytes(archived([*names, *whole], change[form]))
    return path


@settings(max_examples=40)
@given(st.data())
def test_everybody_in_google_classroom_has_exactly_one_row(data: st.DataObject) -> None:
    """With two people at least: else the name in front may be a version's of one student."""
    drawn = data.draw(people(1).filter(lambda class_: len(class_) > 1))
    kept = [(p, tuple(name for name in p.files if name not in LITTER)) for p in drawn]
    class_ = [replace(p, files=files or ("homework.pdf",)) for p, files in kept]
    front = data.draw(st.sampled_from(("", "Copy of ", "Copy of Copy of ", "Kopie von ")))
    names = [f"{front}{p.name} - {name}" for p in class_ for name in p.files]
    with tempfile.TemporaryDirectory() as top:
        path = written(Path(top), data.draw(st.sampled_from(("zip", "folder"))), names, [])
        assert_everybody_has_one_row(collect([path], KNOWN), {p.name: p for p in class_})


@given(st.data())
def test_everybody_with_a_folder_has_exactly_one_row(
    data: st.DataObject,
) -> None:
    class_ = data.draw(people(0))
    names = [f"{p.name}/{name}" for p in class_ for name in p.files or ("",)]
    with tempfile.TemporaryDirectory() as top:
        folder = unpacked(Path(top) / "class", [*names, "README.md"])
        assert_everybody_has_one_row(collect([folder], KNOWN), {p.name: p for p in class_})


def test_a_student_with_a_notebook_reads_of_the_other_files(tmp_path: Path) -> None:
    names = ("car_price.ipynb", "homework.pdf", "digits_cnn.ipynb.json", "cars.csv", "curve.png")
    folder = unpacked(tmp_path, [f"Ada_11_assignsubmission_file_/{name}" for name in names])
    (one,) = collect([folder], KNOWN).submissions
    assert one.notes == (
        "Not used: digits_cnn.ipynb.json, homework.pdf. Only files that end in .ipynb or .py are "
        "graded.",
    )


def test_everybody_in_a_flat_folder_has_a_row(tmp_path: Path) -> None:
    names = ("ada.ipynb", "bob_car_price.ipynb", "cy.ipynb.json", "dee.pdf", "README.md")
    collected = collect([unpacked(tmp_path, list(names))], KNOWN, exercise="car_price")
    assert [one.student for one in collected.submissions] == ["ada", "bob"]
    assert [one.student for one in collected.rejected] == ["cy", "dee"]


def test_flat_folders_of_exercises_keep_people_apart(tmp_path: Path) -> None:
    names = [f"{exercise}/{student}.ipynb" for exercise in KNOWN for student in ("ada", "bob")]
    collected = collect([unpacked(tmp_path, names)], KNOWN)
    assert [(one.student, one.exercise) for one in collected.submissions] == [
        (student, exercise) for student in ("ada", "bob") for exercise in KNOWN
    ]


def test_classroom_names_count_inside_the_folder_of_a_drive_archive(tmp_path: Path) -> None:
    names = [f"Homework 1/{who} - car_price.ipynb" for who in ("Ada Example", "Ben Sample")]
    (tmp_path / "drive.zip").write_bytes(archived([*names, "Homework 1/car_price.ipynb"]))
    collected = collect([tmp_path / "drive.zip"], KNOWN)
    assert [one.student for one in collected.submissions] == ["Ada Example", "Ben Sample"]
    assert [one.student for one in collected.rejected] == [""]


def test_an_archive_without_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "ada.zip").write_bytes(archived([".DS_Store", "work/"]))
    unpacked(tmp_path, ["bob/car_price.ipynb"])
    (rejected,) = collect([tmp_path], KNOWN).rejected
    assert (rejected.student, rejected.reason) == ("ada", "There is no file in this zip archive.")


def test_a_notebook_saved_without_a_name_is_graded(tmp_path: Path) -> None:
    folder = unpacked(tmp_path, ["Ada_11_assignsubmission_file_/.ipynb"])
    (one,) = collect([folder], KNOWN, exercise="car_price").submissions
    assert one.student == "Ada"


def test_two_people_whose_blackboard_names_end_alike_stay_two(tmp_path: Path) -> None:
    names = [f"HW_1_{who}_attempt_2026-10-01-10-00-00_car_price.ipynb" for who in ("a_x", "b_x")]
    (tmp_path / "gradebook.zip").write_bytes(archived(names))
    collected = collect([tmp_path / "gradebook.zip"], KNOWN)
    assert [one.student for one in collected.submissions] == ["a_x", "b_x"]


@pytest.mark.parametrize(
    ("names", "graded", "rejected"),
    [
        (  # Sakai
            [
                *("Lovelace, Ada(a1)/timestamp.txt", "Boole, George(g2)/timestamp.txt"),
                "Lovelace, Ada(a1)/Submission attachment(s)/car_price.ipynb",
                "Boole, George(g2)/Submission attachment(s)/",
            ],
            ["Lovelace, Ada(a1)"],
            ["Boole, George(g2)"],
        ),
        (  # Microsoft Teams
            [f"{who}/HW 1/Version {n}/car_price.ipynb" for who in ("Ada", "Ben") for n in (9, 10)],
            ["Ada", "Ben"],
            [],
        ),
        (["g1/ada/car_price.ipynb", "g1/ben/x.pdf", "g1/task.pdf", "g2/cy/x.pdf"],
         ["ada"], ["ben", "cy"]),
        (["ada/hw/car_price.ipynb", "ada/cover.pdf", "bob/"], ["ada"], ["bob"]),
    ],
)  # fmt: skip
def test_everybody_has_one_row_in_folders_of_folders(
    tmp_path: Path, names: list[str], graded: list[str], rejected: list[str]
) -> None:
    collected = collect([unpacked(tmp_path / "class", names)], KNOWN)
    assert [one.student for one in collected.submissions] == graded
    assert [one.student for one in collected.rejected] == rejected
    for one in collected.submissions:
        assert "Version 9" not in one.source
