"""What students install holds no answer, no hidden check and no held-out row."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from autograder.authoring import release
from autograder.course import datasets
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import settings_of

REPO = Path(__file__).parents[2]
COURSE = Course(REPO, DEMO_KEY)
Files = Mapping[str, bytes]
# Building takes long: a fast test reads in the checkout what both archives take from it.
ARCHIVES = [pytest.param(kind, marks=pytest.mark.slow) for kind in ("wheel", "sdist")]
TEMPLATES = "autograder/authoring/templates/"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and sdist of this checkout."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(REPO)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return out


@pytest.fixture(scope="module", params=ARCHIVES)
def shipped(request: pytest.FixtureRequest, built: Path) -> Files:
    """Every file that ships, by its path in the archive."""
    if request.param == "wheel":
        with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        files = [(m.name, sdist.extractfile(m)) for m in sdist.getmembers() if m.isfile()]
        return {name.partition("/")[2]: stream.read() for name, stream in files if stream}


def test_only_the_package_and_released_exercises_ship(shipped: Files) -> None:
    for name in shipped:
        if name.startswith(
            TEMPLATES
        ):  # the skeletons of `autograder new`: no exercise of the course
            continue
        # The room of code that reads data sets has the name of their folder.
        top, *rest = PurePosixPath(name.removeprefix("autograder/course/datasets/")).parts
        assert not {"solutions", "datasets", "tests", "examples"} & {top, *rest}, name
        assert PurePosixPath(name).name not in ("hidden.py", "solution.py", "gradebook.db"), name


def test_everything_a_student_needs_ships(shipped: Files) -> None:
    names = set(shipped)
    for exercise in COURSE.place.names():
        shared = ["conftest.py"] if COURSE.place.exercise(exercise).conftest.is_file() else []
        for file in (f"{exercise}.ipynb", "visible.py", *shared):
            assert any(name.endswith(f"/{exercise}/{file}") for name in names), file
    assert any(name.endswith("exercises/README.md") for name in names)


def test_no_line_of_an_answer_or_a_hidden_check_ships(shipped: Files) -> None:
    _holds_no_secret({name: text for name, text in shipped.items() if not name.endswith(".npz")})


def test_no_line_of_an_answer_or_a_hidden_check_is_in_the_sources() -> None:
    files = [*(REPO / "autograder").rglob("*.py"), *(REPO / "exercises").rglob("*.*")]
    sources = [file for file in files if file.suffix != ".npz"]
    _holds_no_secret({str(file.relative_to(REPO)): file.read_bytes() for file in sources})


def _holds_no_secret(texts: Files) -> None:
    for name in COURSE.place.names():
        secrets = release.secret_lines(COURSE.place.exercise(name))
        assert secrets
        for file, text in texts.items():
            found = release.leaked(secrets, PurePosixPath(file).name, text)
            # Other checks and the engine share lines such as 'except StudentError as error:' with
            # these checks; a leaked answer would share all of its lines.
            by_chance = 0 if f"exercises/{name}/" in file else 3
            assert len(found) <= by_chance, (file, found)


def test_no_held_out_row_ships(shipped: Files, tmp_path: Path) -> None:
    checked = 0
    for exercise in COURSE.place.names():
        for name in settings_of(COURSE.place.exercise(exercise)).data:
            held_out = {row.tobytes() for row in COURSE.split(name).x_test}
            for file, content in shipped.items():
                path = PurePosixPath(file)
                if path.stem == name and path.suffix in (".csv", ".npz"):
                    (tmp_path / path.name).write_bytes(content)
                    description = str(path.with_name(datasets.DESCRIPTION))
                    (tmp_path / datasets.DESCRIPTION).write_bytes(shipped[description])
                    rows = datasets.read_back(tmp_path, name)["x"]
                    assert len(rows) > 100
                    assert not {row.tobytes() for row in rows} & held_out, file
                    checked += 1
    # Exercises may share a data set: it ships with each of them. Exercises of functions have none.
    exercises = map(COURSE.place.exercise, COURSE.place.names())
    assert checked >= sum(bool(settings_of(exercise).data) for exercise in exercises) > 0


def test_data_come_in_no_other_form(shipped: Files) -> None:
    kinds = {".py", ".ipynb", ".md", ".toml", ".txt", ".csv", ".npz", ".typed", ""}
    metadata = {"METADATA", "WHEEL", "RECORD", "PKG-INFO", "LICENSE", ".gitignore"}
    for name in shipped:
        path = PurePosixPath(name)
        if name.startswith(TEMPLATES):
            assert path.suffix in (".tmpl", ".txt", ".csv"), name  # their data are made up
            continue
        assert path.suffix in kinds or path.name in ("thresholds.json", "data.json"), name
        assert path.suffix or path.name in metadata, name
        if path.suffix in (".csv", ".npz"):
            # Beside them only the judge's weights ship, which tell no row of any data set.
            assert path.parts[-2] in (*COURSE.place.names(), "judges"), name
