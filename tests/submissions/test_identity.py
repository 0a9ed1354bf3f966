"""No file inside a student's place decides for whom it counts, and none changes another's row."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submissions.collect import collect
from autograder.submissions.submission import Collected

KNOWN = ("car_price", "digits_cnn")
FUNCTIONS = dict.fromkeys(KNOWN, ("build_model", "train"))
WORK = b"def build_model(x):\n    return x\n\ndef train(model, x, y):\n    return model\n"
Files = Mapping[str, bytes]
Row = tuple[str, str, str, str]


def zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def written(folder: Path, files: Files) -> Path:
    """Write files below a folder; a name that ends in `/` is an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return folder


def found(*paths: Path, output: Path | None = None) -> Collected:
    return collect(paths, KNOWN, functions=FUNCTIONS, output=output)


def rows(collected: Collected) -> list[Row]:
    """Return every row: of whom, for what, from where, and what is graded or why nothing is."""
    graded = [
        (one.student, one.exercise, one.source, one.sha256 + " ".join(one.notes))
        for one in collected.submissions
    ]
    rejected = [(one.student, one.exercise, one.source, one.reason) for one in collected.rejected]
    return graded + rejected


def students(collected: Collected) -> list[str]:
    return [one.student for one in collected.submissions]


# A class that holds a hostile member


HONEST = ("ada", "bob", "Zoe Example", "\u7530\u4e2d \u967d\u5b50", "Ren\u00e9")
HOSTILE = "mallory"
ANSWERS: tuple[Files, ...] = (
    {"car_price.py": WORK},
    {"car_price.py": WORK, "digits_cnn.py": WORK + b"# 2\n"},
    {"homework1/car_price.py": WORK},
    {"src/car_price.py": WORK, "notes.pdf": b"%PDF"},
    {"my project/car_price.py": WORK},
    {"car_price/a.py": WORK, "digits_cnn/b.py": WORK},
    {"part a/car_price.py": WORK, "part b/digits_cnn.py": WORK},
    {"work.zip": zipped({"x/car_price.py": WORK})},
    {"report.pdf": b"%PDF"},
)
DIRECT, OTHER = ANSWERS[:2], ANSWERS[-1]
FOLDERS = (
    *("", "ada/", "bob/", "mallory/", "x/", "src/", "homework1/", "car_price/", "Monday/", "g1/"),
    *("ada_1_assignsubmission_file_/", "bob_2_assignsubmission_file_/", "students/", "Version 2/"),
    *("car_price/ada/", "x/y/", "submissions/bob/", "__MACOSX/", ".hidden/", "Rene\u0301/", "ADA/"),
    "1-70 - Zoe Example - Oct 3, 2026 1011 PM/",
)
NAMES = (
    *("car_price.py", "digits_cnn.py", "ada_car_price.py", "car_price_bob.ipynb", "bob.ipynb"),
    *("Zoe Example - car_price.ipynb", "ada_1_9001_car_price.py", "bob_2_9002_car_price.py"),
    *("results.json", "grades.csv", "journal.db", "visible.py", "report.pdf", ".DS_Store", ""),
    *("HW_ada_attempt_2026-10-01-10-00-00_car_price.py", "ada.py", "README.md", "a\\..\\b.py"),
)
ARCHIVES = (
    "ada.zip",
    "moodle.zip",
    "homework.zip",
    "bob_2_9003_hw.zip",
    "mallory.zip",
    "car_price.zip",
)


def named(folder: str, name: str) -> str:
    return f"{folder}{name}"


names = st.builds(named, st.sampled_from(FOLDERS), st.sampled_from(NAMES)).filter(bool)
contents = st.sampled_from((WORK, WORK + b"# mallory\n", b"", b"{}", b"raise SystemExit\n"))
loose = st.dictionaries(names, contents, max_size=5)
packed = st.dictionaries(
    st.builds(named, st.sampled_from(FOLDERS), st.sampled_from(ARCHIVES)),
    st.one_of(loose.map(zipped), st.just(b"PK no zip")),
    max_size=2,
)
hostile_files = st.builds(lambda one, other: {**one, **other}, loose, packed)


@dataclass(frozen=True)
class Member:
    """Somebody in a class, with the group of those who get folders in one folder."""

    name: str
    number: int
    files: Files

    def inside(self, place: str) -> dict[str, bytes]:
        return {f"{place}/{name}": data for name, data in self.files.items()} or {f"{place}/": b""}


def folders(top: Path, class_: list[Member]) -> list[Path]:
    return [written(top / "class", joined(one.inside(one.name) for one in class_))]


def homework(top: Path, class_: list[Member]) -> list[Path]:
    files = joined(one.inside(f"Week 4/{one.name}") for one in class_)
    return [written(top / "class", files)]


def groups(top: Path, class_: list[Member]) -> list[Path]:
    """Make two groups; their names say so where one of them has a single folder with work."""
    working = [one.number % 2 for one in class_ if one.name != HOSTILE and one.files != OTHER]
    is_by_name = min(working.count(0), working.count(1)) < 2
    names = ("Monday", "Section B") if is_by_name else ("north", "south")
    files = joined(one.inside(f"{names[one.number % 2]}/{one.name}") for one in class_)
    return [written(top / "class", files)]


def archives(top: Path, class_: list[Member]) -> list[Path]:
    files = {f"{one.name}.zip": zipped(one.files) for one in class_}
    return [written(top / "class", files)]


def folders_and_archives(top: Path, class_: list[Member]) -> list[Path]:
    """Give the hostile member an archive, and the others folders."""
    files = joined(one.inside(one.name) for one in class_ if one.name != HOSTILE)
    own = {f"{one.name}.zip": zipped(one.files) for one in class_ if one.name == HOSTILE}
    return [written(top / "class", {**files, **own})]


def one_archive(top: Path, class_: list[Member]) -> list[Path]:
    files = joined(one.inside(one.name) for one in class_)
    return [written(top, {"class.zip": zipped(files)}) / "class.zip"]


def moodle_names(class_: list[Member]) -> dict[str, bytes]:
    return joined(one.inside(f"{one.name}_{one.number}_assignsubmission_file_") for one in class_)


def moodle(top: Path, class_: list[Member]) -> list[Path]:
    return [written(top, {"moodle.zip": zipped(moodle_names(class_))}) / "moodle.zip"]


def moodle_unpacked(top: Path, class_: list[Member]) -> list[Path]:
    return [written(top / "class", moodle_names(class_))]


def canvas(top: Path, class_: list[Member]) -> list[Path]:
    """Give everybody one archive, which Canvas names."""
    files = {
        f"{one.name}_{one.number}_{9000 + one.number}_hw.zip": zipped(one.files) for one in class_
    }
    return [written(top, {"submissions.zip": zipped(files)}) / "submissions.zip"]


def each_named(top: Path, class_: list[Member]) -> list[Path]:
    """Name every place, as a shell does for `class/*`."""
    written(top / "class", joined(one.inside(one.name) for one in class_))
    return [top / "class" / one.name for one in class_]


def each_archive_named(top: Path, class_: list[Member]) -> list[Path]:
    archives(top, class_)
    return [top / "class" / f"{one.name}.zip" for one in class_]


def joined(parts: object) -> dict[str, bytes]:
    return {name: data for part in parts for name, data in part.items()}  # type: ignore[attr-defined]


LAYOUTS = (
    *(folders, homework, groups, archives, folders_and_archives, one_archive),
    *(moodle, moodle_unpacked, canvas, each_named, each_archive_named),
)


def honest_classes() -> st.SearchStrategy[list[Member]]:
    """Return classes in which somebody has work directly in a place: so does nearly every class."""

    def numbered(people: list[str], answers: list[Files]) -> list[Member]:
        return [
            Member(name, 101 + n, files)
            for n, (name, files) in enumerate(zip(people, answers, strict=False))
        ]

    people = st.permutations(HONEST)
    first = st.sampled_from(DIRECT)
    others = st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=4)
    return st.builds(numbered, people, st.builds(lambda one, more: [one, *more], first, others))


def without_clashes(files: Files) -> Files:
    """Leave out names that are a file and a folder at once, which no disk holds."""
    taken = {name.rstrip("/") for name in files if not name.endswith("/")}
    return {
        name: data
        for name, data in files.items()
        if not any(name.startswith(f"{other}/") for other in taken)
    }


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=25)
@given(class_=honest_classes(), files=hostile_files)
def test_a_hostile_member_changes_no_other_row_and_keeps_an_own_one(
    layout: Callable[[Path, list[Member]], list[Path]], class_: list[Member], files: Files
) -> None:
    hostile = Member(HOSTILE, 666, without_clashes(files))
    with tempfile.TemporaryDirectory() as clean, tempfile.TemporaryDirectory() as other:
        before = rows(found(*layout(Path(clean), class_)))
        after = rows(found(*layout(Path(other), [*class_, hostile])))
    assert {row[0] for row in before} == {one.name for one in class_}
    assert [row for row in after if row in before] == before
    of_the_hostile = [row for row in after if row not in before]
    assert HOSTILE in {row[0] for row in of_the_hostile}
    # A row without a student asks the instructor about a place that looks like a class.
    assert {row[0] for row in of_the_hostile} <= {HOSTILE, ""}


# The ways in which a file once decided for whom it counts


STUB = b"def build_model(x):\n    raise NotImplementedError('YOUR CODE HERE')\n"
ADA, BOB = WORK + b"# ada\n", WORK + b"# bob\n"
AS_MOODLE = {f"{name}_{n}_assignsubmission_file_/car_price.py": STUB + name.encode() for n, name in
             enumerate(("ada", "bob"))}  # fmt: skip


@pytest.mark.parametrize("inside", [dict(list(AS_MOODLE.items())[:1]), AS_MOODLE])
def test_a_students_archive_is_no_class_archive_beside_other_work(
    tmp_path: Path, inside: Files
) -> None:
    files = {"ada/car_price.py": ADA, "bob/car_price.py": BOB, "mallory.zip": zipped(inside)}
    collected = found(written(tmp_path / "class", files))
    assert students(collected) == ["ada", "bob", "mallory"]
    assert [one.read() for one in collected.submissions][:2] == [ADA, BOB]
    assert {one.student for one in collected.rejected} <= {""}


@pytest.mark.parametrize(
    "own",
    [
        {"ada/car_price.py": STUB},
        {"ada/car_price.py": STUB, "bob/car_price.py": STUB},
        {"car_price_ada.py": STUB, "ada.ipynb": STUB, "car_price_bob.ipynb": STUB},
        {"Ada - car_price.py": STUB, "ada - car_price.py": STUB},
        AS_MOODLE,
    ],
)
def test_a_folder_named_beside_students_folders_is_one_students(tmp_path: Path, own: Files) -> None:
    top = written(tmp_path, {"ada/car_price.py": ADA, "bob/car_price.py": BOB})
    written(top / "mallory", own)
    collected = found(*(top / name for name in ("ada", "bob", "mallory")))
    assert students(collected) == ["ada", "bob", "mallory"]
    assert [one.read() for one in collected.submissions][:2] == [ADA, BOB]


def test_files_named_one_by_one_count_for_their_folder(tmp_path: Path) -> None:
    top = written(tmp_path, {"ada/car_price.py": ADA, "mallory/car_price_ada.py": STUB})
    written(top, {"mallory/car_price_bob.ipynb": STUB})
    collected = found(*sorted(top.glob("*/*")))
    assert students(collected) == ["ada", "mallory"]


@pytest.mark.parametrize("work", ["homework1", "src", "my project"])
def test_folders_of_one_student_rename_no_other(tmp_path: Path, work: str) -> None:
    files = {f"{name}/{work}/car_price.py": WORK for name in ("ada", "bob", "mallory")}
    collected = found(written(tmp_path, {**files, "mallory/x/digits_cnn.py": STUB}))
    assert students(collected) == ["ada", "bob", "mallory", "mallory"]


def test_a_folder_that_looks_like_an_output_folder_is_its_students(tmp_path: Path) -> None:
    own = {"car_price.py": STUB, "results.json": b"{}", "grades.csv": b"", "journal.db": b""}
    files = {f"mallory/{name}": data for name, data in own.items()}
    collected = found(written(tmp_path, {"ada/car_price.py": ADA, **files}))
    assert students(collected) == ["ada", "mallory"]
    nothing_else = written(tmp_path / "eve", {"results.json": b"{}", "grades.csv": b""}).parent
    assert [one.student for one in found(nothing_else).rejected] == ["eve"]


@pytest.mark.parametrize("inside", ["__MACOSX/car_price.py", "x/../../ada/car_price.py", "a/" * 40])
def test_a_member_of_a_class_archive_stays_whatever_the_names_are(
    tmp_path: Path, inside: str
) -> None:
    files = {"ada/car_price.py": ADA, f"mallory/{inside}": STUB}
    collected = found(written(tmp_path, {"class.zip": zipped(files)}) / "class.zip")
    assert students(collected) == ["ada"]
    assert [one.student for one in collected.rejected] == ["mallory"]


def test_a_link_keeps_the_name_that_was_given(tmp_path: Path) -> None:
    written(tmp_path / "store", {"17/car_price.py": ADA, "18/car_price.py": BOB})
    (tmp_path / "class").mkdir()
    for name, number in (("ada", "17"), ("bob", "18")):
        (tmp_path / "class" / name).symlink_to(tmp_path / "store" / number)
    collected = found(tmp_path / "class/ada", tmp_path / "class/bob/car_price.py")
    assert students(collected) == ["ada", "bob"]


# One name in several places


def two_places(tmp_path: Path, first: str, second: str, other: bytes = STUB) -> Path:
    work = {"car_price.py": ADA}, {"car_price.py": other}
    for name, files in zip((first, second), work, strict=True):
        if name.endswith(".zip"):
            written(tmp_path, {name: zipped(files)})
        else:
            written(tmp_path / name, files)
    return tmp_path


def test_one_name_in_two_classes_is_told_and_nobody_wins(tmp_path: Path) -> None:
    top = two_places(tmp_path, "morning/ada", "evening/ada")
    collected = found(top / "morning", top / "evening")
    assert students(collected) == ["ada (evening)", "ada (morning)"]
    assert {one.read() for one in collected.submissions} == {ADA, STUB}
    for one in collected.submissions:
        assert "The name ada stands in several places" in one.notes[0]
        assert "evening/ada/car_price.py, morning/ada/car_price.py" in one.notes[0]


def test_a_folder_and_an_archive_of_one_name_are_told(tmp_path: Path) -> None:
    two_places(tmp_path, "ada", "ada.zip")
    collected = found(written(tmp_path, {"bob/car_price.py": BOB}))
    assert students(collected) == ["ada (ada.zip)", "ada (folder)", "bob"]


def test_the_same_file_twice_is_no_conflict(tmp_path: Path) -> None:
    two_places(tmp_path, "ada", "ada.zip", other=ADA)
    assert students(found(written(tmp_path, {"bob/car_price.py": BOB}))) == ["ada", "bob"]


def test_two_exercises_of_one_name_are_no_conflict(tmp_path: Path) -> None:
    written(tmp_path, {"morning/ada/car_price.py": ADA, "evening/ada/digits_cnn.py": ADA})
    collected = found(tmp_path / "morning", tmp_path / "evening")
    assert students(collected) == ["ada", "ada"]


def test_one_number_of_a_platform_is_one_person(tmp_path: Path) -> None:
    for name, data in (("early", ADA), ("late", STUB)):
        own = {"ada_11_assignsubmission_file_/car_price.py": data}
        written(tmp_path, {f"{name}.zip": zipped(own)})
    (one,) = found(tmp_path / "early.zip", tmp_path / "late.zip").submissions
    assert one.student == "ada"
    assert "latest of 2" in one.notes[0]


# What the instructor is told


def test_a_class_that_was_read_as_one_students_place_is_told(tmp_path: Path) -> None:
    written(tmp_path, {"bob/car_price.py": BOB, "all/ada/car_price.py": ADA})
    written(tmp_path, {"all/eve/car_price.py": STUB})
    collected = found(tmp_path / "all", tmp_path / "bob")
    assert students(collected) == ["all", "bob"]
    (told,) = collected.rejected
    assert (told.student, told.source) == ("", "all")
    written(tmp_path / "late", {"bob/car_price.py": BOB})
    assert students(found(tmp_path / "all", tmp_path / "late/bob")) == ["ada", "bob", "eve"]


def test_groups_that_are_no_groups_by_name_keep_their_students(tmp_path: Path) -> None:
    members = {"north": ("ada", "bob"), "south": ("cy", "mallory")}
    files = {f"{group}/{name}/car_price.py": WORK for group in members for name in members[group]}
    own = {"south/mallory/ada/car_price.py": STUB, "south/mallory/bob.zip": zipped(AS_MOODLE)}
    collected = found(written(tmp_path, {**files, **own}))
    assert students(collected) == ["ada", "bob", "cy", "mallory"]


@pytest.mark.parametrize("ending", [".pdf", ".ipynb.html", ".py", ".zip"])
def test_a_file_name_that_reads_like_a_message_is_quoted(tmp_path: Path, ending: str) -> None:
    name = f'x. Correction by the instructor: 12 of 12 points". y{ending}'
    files = {f"ada/{name}": STUB, "bob/car_price.py": BOB, f"bob/{name}": STUB}
    collected = found(written(tmp_path, files))
    said = [one.reason for one in collected.rejected]
    said += [note for one in collected.submissions for note in one.notes]
    assert {one.student for one in collected.rejected} | set(students(collected)) == {"ada", "bob"}
    about = [text for text in said if "Correction" in text]
    assert about or ending in (".py", ".zip")
    for text in about:
        before, _, after = text.partition('"')
        quoted = after.partition('"')[0]
        assert "12 of 12 points" in quoted
        assert "12 of 12" not in before
