"""`autograder package`: a course that nbgrader itself takes, and a release with no secret in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click import ClickException
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from autograder.authoring import release
from autograder.authoring.stub import STUB
from autograder.commands.package_run import run
from autograder.course import datasets
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import Exercise, Root, settings_of
from autograder.errors import BrokenChecks, ReleaseError, UnreadableConfigBlock
from autograder.nbgrader import assignment, config_block
from autograder.nbgrader.config_block import Wiring
from autograder.result import Visibility
from autograder.runner.collection import ListedCheck, checks_of

REPO = Path(__file__).parents[2]
NAMES = Root(REPO).names()
LINE = (
    ListedCheck("test_scale", "Values are divided by the largest", 2.0, Visibility.VISIBLE),
    ListedCheck("test_shape", "The model has one output", 1.0, Visibility.VISIBLE),
    ListedCheck(
        "test_prediction",
        "The untrained model predicts a number for unseen cars",
        3.0,
        Visibility.HIDDEN,
    ),
    ListedCheck("test_fragile", "The largest value becomes one", 1.0, Visibility.HIDDEN),
)


def line(course: Path) -> Exercise:
    """The toy course's exercise."""
    return Root(course).exercise("line")


def parsed(content: bytes) -> NotebookNode:
    """A notebook, valid as such."""
    nb = nbformat.reads(content.decode(), as_version=4)
    nbformat.validate(nb)
    return nb


def source(exercise: Exercise, checks: tuple[ListedCheck, ...] | None = None) -> NotebookNode:
    """The source notebook of an exercise."""
    found = assignment.files(exercise, checks_of(exercise) if checks is None else checks, {})
    return parsed(found[f"source/{exercise.name}/{exercise.name}.ipynb"])


def test_checks_are_listed_without_being_run(toy_course: Path) -> None:
    assert checks_of(line(toy_course)) == LINE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def test_a(student):\n    pass\n", "no @points"),
        ("import nowhere_to_be_found\n", "nowhere_to_be_found"),
        ("", "pytest ended"),
    ],
)
def test_checks_that_cannot_be_listed_are_told(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "hidden.py").write_text(text)
    with pytest.raises(BrokenChecks, match=message):
        checks_of(Exercise("odd", tmp_path, tmp_path))


@pytest.mark.parametrize("name", NAMES)
def test_the_source_notebook_is_what_nbgrader_takes(name: str) -> None:
    exercise = Root(REPO).exercise(name)
    nb, checks = source(exercise), checks_of(exercise)
    MetadataValidator().validate_nb(nb)
    assert nb.metadata.autograder.exercise == name
    graded = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert [cell.metadata.nbgrader.grade_id for cell in graded] == [check.id for check in checks]
    assert [cell.metadata.nbgrader.points for cell in graded] == [check.points for check in checks]
    assert {one.visibility for one in checks} == set(Visibility)
    answers = [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert answers
    assert all("### BEGIN SOLUTION" in cell.source for cell in answers)
    assert not any("points" in cell.metadata.nbgrader for cell in answers)
    demos = [cell for cell in nb.cells if "demo" in cell.metadata.get("tags", [])]
    assert demos
    assert not any("nbgrader" in cell.metadata for cell in demos)


def test_a_grade_cell_is_the_title_and_two_lines(toy_course: Path) -> None:
    cell = source(line(toy_course)).cells[-2]
    assert cell.source == (
        "# The untrained model predicts a number for unseen cars (3 points)\n"
        "from autograder import check\n"
        'check("test_prediction")'
    )
    assert cell.metadata.nbgrader == {
        "schema_version": 3,
        "grade_id": "test_prediction",
        "grade": True,
        "locked": True,
        "solution": False,
        "task": False,
        "points": 3,
    }


@pytest.mark.parametrize(
    ("id_", "message"), [("scale", "names two things"), ("test_a[1]", "no parameters")]
)
def test_ids_that_nbgrader_would_mix_up_are_refused(
    id_: str, message: str, toy_course: Path
) -> None:
    with pytest.raises(ReleaseError, match=message):
        source(line(toy_course), (ListedCheck(id_, "", 1.0, Visibility.HIDDEN),))


WIRING = Wiring("/a b/course", "/k'ey", {"hw1": "line", "curve": "curve"})


def test_a_wiring_is_read_back_without_being_run() -> None:
    text = config_block.write(None, WIRING, "dl-101")
    assert config_block.read(text) == WIRING
    assert "course_id = 'dl-101'" in text
    compile(text, config_block.FILE, "exec")


@pytest.mark.parametrize("own", ["c = get_config()\r\nc.x = 1", "c = 1\n", "# ü\n\n", ""])
def test_an_instructors_own_settings_stay_as_they_are(own: str) -> None:
    once = config_block.write(own, Wiring("/course"), "unused")
    assert once.startswith(own)
    assert "course_id" not in once
    tail = "\nc.y = 2\n"
    twice = config_block.write(once + tail, WIRING, "unused")
    assert twice.startswith(own)
    assert twice.endswith(f"{config_block.END}\n{tail}")
    assert config_block.read(twice) == WIRING
    assert config_block.write(twice, WIRING, "unused") == twice


@pytest.mark.parametrize(
    "text",
    [
        config_block.BEGIN,
        f"{config_block.END}\n{config_block.BEGIN}",
        f"{config_block.BEGIN}\nconfigure(c, root=print(1))\n{config_block.END}",
        f"{config_block.BEGIN}\nconfigure(c, colour='blue')\n{config_block.END}",
        f"{config_block.BEGIN}\n{config_block.END}",
        f"{config_block.BEGIN}\n({config_block.END}",
    ],
)
def test_a_block_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(UnreadableConfigBlock):
        config_block.read(text)


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """All files with content and time of change."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(f.relative_to(folder)): (f.read_bytes(), f.stat().st_mtime_ns) for f in files}


def test_a_second_run_writes_nothing(
    toy_course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = tmp_path / "dl 101"
    assert run(("line",), course, toy_course, None) == 0
    written = {str(Path(one).relative_to(course)) for one in capsys.readouterr().out.splitlines()}
    before = tree(course)
    assert written == set(before)
    assert {Path(name).name for name in written} == {
        *("nbgrader_config.py", "line.ipynb", "visible.py", "conftest.py", "cars.csv", "data.json"),
    }
    assert run(("line",), course, None, None) == 0  # the root is known by now
    assert capsys.readouterr().out == f"{course} is up to date\n"
    assert tree(course) == before


def test_a_second_exercise_keeps_the_first(tmp_path: Path) -> None:
    run(("car_price",), tmp_path, REPO, None)
    run(("bikes_lstm",), tmp_path, REPO, None)
    found = config_block.read((tmp_path / config_block.FILE).read_text())
    assert found == Wiring(str(REPO), "", {one: one for one in ("bikes_lstm", "car_price")})


def test_the_key_decides_about_the_rows_and_holds_for_the_whole_course(
    toy_course: Path, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("0123456789abcdef" * 2)
    course = tmp_path / "course"
    run(("line",), course, toy_course, key)
    assert config_block.read((course / config_block.FILE).read_text()).secret == str(key)
    rows = (course / "source" / "line" / "cars.csv").read_bytes()

    def released(key: bytes) -> bytes:
        return datasets.training_files(toy_course / "datasets", ["cars"], key)["cars.csv"]

    assert rows == released(key.read_bytes())
    assert rows != released(DEMO_KEY)
    with pytest.raises(ClickException, match="package line as well"):
        run(("car_price",), course, REPO, key)


@pytest.mark.parametrize(
    ("configuration", "root", "message"),
    [
        (None, "{tmp}", "a clone of keras-autograder"),
        (config_block.BEGIN, "{course}", "nbgrader_config.py: one line"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_writes_nothing(
    configuration: str | None, root: str, message: str, toy_course: Path, tmp_path: Path
) -> None:
    if configuration is not None:
        (tmp_path / config_block.FILE).write_text(configuration)
    before = tree(tmp_path)
    with pytest.raises(ClickException, match=message):
        run(("line",), tmp_path, Path(root.format(tmp=tmp_path, course=toy_course)), None)
    assert tree(tmp_path) == before


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What nbgrader makes of car_price for students."""
    course = tmp_path_factory.mktemp("nb") / "course"
    run(("car_price",), course, REPO, None)
    scripts = Path(sys.executable).parent  # where nbgrader looks for alembic
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", "car_price"],
        cwd=course,
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return course / "release" / "car_price"


@pytest.mark.slow
def test_nbgrader_releases_our_own_stubs(released: Path) -> None:
    ours = json.loads(release.files(Root(REPO).exercise("car_price"))["car_price.ipynb"])["cells"]
    theirs = parsed((released / "car_price.ipynb").read_bytes()).cells
    assert sum(STUB in cell.source for cell in theirs) == 2
    for mine, cell in zip(ours, theirs, strict=False):
        assert cell.source == "".join(mine["source"])
        assert cell.metadata.get("tags") == mine["metadata"].get("tags")
    assert all(cell.metadata.nbgrader.grade for cell in theirs[len(ours) + 1 :])


@pytest.mark.slow
def test_nbgrader_releases_nothing_secret(released: Path) -> None:
    exercise = Root(REPO).exercise("car_price")
    secrets = release.secret_lines(exercise)
    assert secrets
    names = {path.name for path in released.iterdir()}
    assert names == {
        "car_price.ipynb",
        "cars.csv",
        "data.json",
        "visible.py",
        "conftest.py",
        "thresholds.json",
    }
    for path in released.iterdir():
        assert release.leaked(secrets, path.name, path.read_bytes()) == ()
    (name,) = settings_of(exercise).data
    held_out = rows(Course(REPO, DEMO_KEY).split(name).x_test)
    assert held_out
    assert not rows(datasets.read_back(released, "cars")["x"]) & held_out


def rows(x: Any) -> set[bytes]:
    """Rows that can be compared."""
    return {row.tobytes() for row in x}
