"""A trained model and several data sets that an exercise hands out, from release to grade."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from autograder.authoring import release, verify
from autograder.calibration.fingerprint import fingerprint
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.grading.scorer import Scorer
from autograder.grading.site import open_scorer
from autograder.grading.task import Task
from autograder.result import Outcome
from autograder.selfcheck.file import check, training_rows

SOLUTION = """\
# %% id="imports"
import keras
import numpy as np

words = np.load("words.npz")["word"]


# %% id="tripled"
def tripled(x):
    ### BEGIN SOLUTION
    return 1.5 * keras.models.load_model("backbone.keras").predict(x, verbose=0)
    ### END SOLUTION
"""
VISIBLE = '''"""Checks."""

import numpy as np

from autograder.checks import points


@points(1)
def test_tripled(student, data):
    """The backbone doubles, and half as much is added"""
    x = data("numbers").x_train
    backbone = student.pretrained("backbone.keras").predict(x)
    assert np.allclose(backbone, 2 * x), "the file beside the notebook is another model"
    assert np.allclose(student.tripled(x), 3 * x), "not tripled"


@points(1)
def test_words(data):
    """There are words"""
    assert all(word.startswith("wörd ") for word in data("words").train["word"].tolist())
'''
HIDDEN = '''"""Checks."""

import numpy as np

from autograder.checks import points


@points(1)
def test_unseen(student, reference, data):
    """Unseen numbers are tripled as well"""
    x = data("numbers").x_test
    backbone = reference.pretrained("backbone.keras").predict(x)
    assert np.allclose(student.tripled(x), 1.5 * backbone), "not tripled"
'''
RIGHT = SOLUTION.replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", "")


def doubling() -> bytes:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[2.0]]), np.array([0.0])])
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "backbone.keras")
        return (Path(folder) / "backbone.keras").read_bytes()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with one exercise that has two data sets and a trained model."""
    root = tmp_path_factory.mktemp("course")
    folder = root / "solutions" / "triple"
    folder.mkdir(parents=True)
    (folder / "exercise.toml").write_text(
        'data = ["numbers", "words"]\nships = ["backbone.keras"]\n'
    )
    (folder / "backbone.keras").write_bytes(doubling())
    for name, text in (("solution", SOLUTION), ("visible", VISIBLE), ("hidden", HIDDEN)):
        (folder / f"{name}.py").write_text(text, "utf-8")
    numbers = np.arange(40, dtype="float32").reshape(40, 1)
    arrays = {
        "numbers": {"x": numbers, "y": numbers * 3},
        "words": {"word": np.array([f"wörd {n}" for n in range(30)])},
    }
    for name, made in arrays.items():
        data = root / "datasets" / name
        data.mkdir(parents=True)
        np.savez(data / "made.npz", **made)  # type: ignore[arg-type]
        inputs = "" if name == "numbers" else 'inputs = ["word"]'
        (data / "dataset.toml").write_text(
            f'file = "made.npz"\nreleased = "{name}.npz"\nheld_out = 0.4\n{inputs}\n'
        )
    return Course(root, DEMO_KEY)


@pytest.fixture(scope="module")
def scorer(course: Course) -> Iterator[Scorer]:
    """A scorer of the course."""
    with open_scorer(course) as started:
        yield started


def test_students_get_all_data_sets_and_the_model(course: Course) -> None:
    exercise = course.place.exercise("triple")
    files = release.files(exercise, course.released_files(exercise))
    assert set(files) == {
        *("triple.ipynb", "visible.py", "numbers.npz", "words.npz", "data.json"),
        "backbone.keras",
    }
    assert files["backbone.keras"] == (exercise.authored / "backbone.keras").read_bytes()
    with np.load(io.BytesIO(files["words.npz"]), allow_pickle=False) as archive:
        assert archive["word"].dtype.kind == "U"


def test_visible_checks_run_where_a_student_works(course: Course, tmp_path: Path) -> None:
    exercise = course.place.exercise("triple")
    for name, content in release.files(exercise, course.released_files(exercise)).items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "answer.py").write_text(RIGHT, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        checks, _ = check(tmp_path / "answer.py", tmp_path, tmp_path / "triple.ipynb")
    assert [one.outcome for one in checks] == [Outcome.PASSED, Outcome.PASSED]
    rows = training_rows(tmp_path, "words")
    np.testing.assert_array_equal(rows.train["word"], course.split("words").train["word"])


@pytest.mark.slow
def test_an_answer_uses_the_model_while_it_is_graded(scorer: Scorer) -> None:
    right = scorer.score(Task(exercise="triple", content=RIGHT.encode(), suffix=".py", model=b""))
    assert [one.outcome for one in right.checks] == [Outcome.PASSED] * 3, right
    cheat = RIGHT.replace("words =", 'open("backbone.keras", "wb").close()\nwords =')
    changed = scorer.score(Task(exercise="triple", content=cheat.encode(), suffix=".py", model=b""))
    assert [one.points for one in changed.checks] == [0, 1, 0]
    assert all(one.outcome is not Outcome.GRADER_ERROR for one in changed.checks)


def test_a_calibration_rests_on_the_shipped_model(course: Course, tmp_path: Path) -> None:
    shutil.copytree(course.root, tmp_path / "course")
    copy = Course(tmp_path / "course", DEMO_KEY)
    exercise = copy.place.exercise("triple")
    before = fingerprint(exercise, copy.place)
    (exercise.authored / "backbone.keras").write_bytes(b"another")
    assert fingerprint(exercise, copy.place).data != before.data


def test_verify_tells_of_a_data_set_without_card_and_licence(course: Course) -> None:
    exercise = course.place.exercise("triple")
    problems = list(verify.files(course, exercise, course.released_files(exercise)))
    told = {problem.case: problem for problem in problems if "datasets" in problem.case}
    assert set(told) == {"datasets/numbers/", "datasets/words/"}
    text = " ".join(str(problem) for problem in problems)
    assert text.count("has no card: write README.md in the folder") == 2
    assert text.count("has no licence text: put it into a file LICENSE.txt") == 2
