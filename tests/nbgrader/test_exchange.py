"""A packaged assignment on the ways that nbgrader takes homework: its exchange, and uploads."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import (
    CollectApp,
    FetchAssignmentApp,
    NbGrader,
    ReleaseAssignmentApp,
    SubmitApp,
    ZipCollectApp,
)
from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.utils import get_username

from autograder.commands.autograde_run import Request, run

pytestmark = pytest.mark.slow

ANSWERED = ("scale", "build")
FULL = {"test_scale": 2.0, "test_shape": 1.0, "test_prediction": 3.0, "test_fragile": 1.0}
NOTHING = dict.fromkeys(FULL, 0.0)
UPLOADED = r".*/(?P<student_id>[a-z]+)_\d+[_/](?P<file_id>line)"


def nbgrader(command: type[NbGrader], folder: Path, *arguments: str) -> None:
    """Run one of nbgrader's commands in a folder; it exits where it fails."""
    with contextlib.chdir(folder):
        app = command()
        app.initialize(["line", "--log-level=ERROR", *arguments])
        app.start()


class Exchange:
    """A course and a student's folder, with the exchange between them."""

    def __init__(self, packaged: Path, folder: Path) -> None:
        self.course = Path(shutil.copytree(packaged, folder / packaged.name))
        self.home = folder / "home"
        self.home.mkdir()
        root = folder / "exchange"
        root.mkdir()
        root.chmod(0o777)  # nbgrader wants it open to everybody
        self.places = (f"--Exchange.root={root}", f"--Exchange.cache={folder / 'cache'}")

    def instructor(self, command: type[NbGrader]) -> None:
        nbgrader(command, self.course, *self.places)

    def student(self, command: type[NbGrader]) -> None:
        nbgrader(command, self.home, *self.places, f"--course={self.course.name}")


@pytest.fixture(scope="module")
def exchange(
    packaged_line: Path,
    line_with: Callable[..., NotebookNode],
    tmp_path_factory: pytest.TempPathFactory,
) -> Exchange:
    """An assignment that was released, fetched, submitted with all answers and collected."""
    made = Exchange(packaged_line, tmp_path_factory.mktemp("exchange"))
    made.instructor(ReleaseAssignmentApp)
    made.student(FetchAssignmentApp)
    nbformat.write(line_with(*ANSWERED), made.home / "line" / "line.ipynb")
    made.student(SubmitApp)
    made.instructor(CollectApp)
    return made


@pytest.fixture(scope="module")
def uploads(exchange: Exchange, line_with: Callable[..., NotebookNode]) -> None:
    """Two that came another way: all answers in an archive, and the notebook as released."""
    archive = exchange.course / "downloaded" / "line" / "archive"
    archive.mkdir(parents=True)
    shutil.copy(exchange.course / "release" / "line" / "line.ipynb", archive / "bo_4711_line.ipynb")
    folder = exchange.home / "zipped"
    folder.mkdir()
    nbformat.write(line_with(*ANSWERED), folder / "line.ipynb")
    shutil.make_archive(str(archive / "ada_4712"), "zip", folder)
    option = f"--FileNameCollectorPlugin.named_regexp={UPLOADED}"
    nbgrader(ZipCollectApp, exchange.course, option)


@pytest.fixture(scope="module")
def graded(exchange: Exchange, uploads: None) -> dict[str, dict[str, float | None]]:  # noqa: ARG001
    """The automatic points of everybody, by grade id."""
    assert run(Request("line", exchange.course, (), 2, False)) == 0
    with Gradebook(f"sqlite:///{exchange.course / 'gradebook.db'}") as gradebook:
        return {
            one.student.id: {grade.name: grade.auto_score for grade in one.grades}
            for one in gradebook.notebook_submissions("line", "line")
        }


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_student_fetches_what_was_released_and_no_more(exchange: Exchange) -> None:
    released, fetched = exchange.course / "release" / "line", exchange.home / "line"
    assert names(fetched) == {"line.ipynb", "cars.csv", "data.json", "visible.py", "conftest.py"}
    for name in names(fetched) - {"line.ipynb"}:  # which the student has worked on
        assert (fetched / name).read_bytes() == (released / name).read_bytes()


def test_what_is_collected_is_what_was_submitted(exchange: Exchange) -> None:
    fetched, collected = exchange.home / "line", exchange.course / "submitted" / get_username()
    written = {"timestamp.txt", "submission_secret.txt"}
    assert names(collected / "line") == names(fetched) | written
    notebook = (fetched / "line.ipynb").read_bytes()
    assert (collected / "line" / "line.ipynb").read_bytes() == notebook


def test_a_collected_submission_gets_its_points(
    graded: dict[str, dict[str, float | None]],
) -> None:
    assert graded[get_username()] == FULL


def test_uploads_get_their_points_and_the_released_notebook_none(
    graded: dict[str, dict[str, float | None]],
) -> None:
    assert graded["ada"] == FULL
    assert graded["bo"] == NOTHING
    assert len(graded) == 3


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("zoe_car_price.ipynb", "zoe"),
        ("yan_17_car_price.ipynb", "yan"),
        ("ben_9_car_price-1.ipynb", "ben"),
        ("unpacked/eve_car_price.ipynb", "eve"),
        ("car_price.ipynb", None),
        ("mia_digits_cnn.ipynb", None),
    ],
)
def test_the_guide_tells_how_names_of_uploads_are_read(name: str, student: str | None) -> None:
    guide = Path(__file__).parents[2] / "docs" / "guides" / "nbgrader.md"
    (line,) = [one for one in guide.read_text("utf-8").splitlines() if "named_regexp" in one]
    pattern = line.partition(' = r"')[2].removesuffix('"')
    made = FileNameCollectorPlugin(named_regexp=pattern)
    found = made.collect(f"downloaded/car_price/extracted/{name}")
    assert (found and found["student_id"]) == student
