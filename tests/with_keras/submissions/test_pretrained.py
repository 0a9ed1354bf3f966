"""A trained model beside a notebook: whose it is, that it is graded, and what it cannot do."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import nbformat
import numpy as np
import pytest

from autograder.authoring import verify
from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.course.exercise import settings_of
from autograder.grading.scorer import Scorer
from autograder.grading.site import open_scorer
from autograder.grading.task import Task
from autograder.result import Outcome, Result, Status
from autograder.selfcheck.file import check
from autograder.submissions.collect import collect
from autograder.submissions.submission import Submission

MODEL = "net.keras"
SOLUTION = """\
# %% id="imports"
import numpy as np


# %% id="scale"
def scale(values):
    ### BEGIN SOLUTION
    return values / 10
    ### END SOLUTION
"""
VISIBLE = '''"""Checks."""

import numpy as np

from autograder.checks.marking import points


@points(1)
def test_scale(student):
    """Values are divided by ten"""
    assert student.scale(np.array([10.0]))[0] == 1.0, "not divided by ten"


@points(2)
def test_knows(student):
    """The trained model doubles its input"""
    got = student.pretrained("net.keras").predict(np.array([[1.0], [3.0]], "float32"))
    assert np.allclose(got, [[2.0], [6.0]], atol=1e-3), f"2 and 6 are expected, not {got.ravel()}"
'''
ANSWER = "def scale(values):\n    return values / 10\n"


def saved(weight: float = 2.0) -> bytes:
    """Return a model file as a student saves it."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[weight]]), np.array([0.0])])
    return file_of(model)


def file_of(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MODEL
        model.save(path)
        return path.read_bytes()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose one exercise accepts a model."""
    root = tmp_path_factory.mktemp("course")
    folder = root / "solutions" / "doubles"
    folder.mkdir(parents=True)
    (root / "datasets").mkdir()
    (folder / "solution.py").write_text(SOLUTION)
    (folder / "visible.py").write_text(VISIBLE)
    (folder / "hidden.py").write_text('"""None."""\n')
    (folder / "exercise.toml").write_text(f'model = "{MODEL}"\n')
    (folder / MODEL).write_bytes(saved())
    return Course(root, DEMO_KEY)


Found = Callable[..., dict[str, Submission]]


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """A function that writes files, collects them and returns each student's submission."""

    def collected(files: dict[str, bytes], models: dict[str, str] | None = None) -> dict[str, Any]:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        accepted = {"doubles": MODEL} if models is None else models
        got = collect([tmp_path], ("doubles", "other"), models=accepted)
        return {one.student: one for one in got.submissions}

    return collected


@pytest.mark.parametrize(
    "name", ["net.keras", "NET.keras", "doubles.keras", "my doubles (1).keras", "deep/net.keras"]
)
def test_a_model_is_found_by_its_own_name_or_the_exercises(found: Found, name: str) -> None:
    one = found({"ada/doubles.py": b"a = 1", f"ada/{name}": b"model", "bo/doubles.py": b"a = 1"})
    assert one["ada"].read_model() == b"model"
    assert one["ada"].digest != one["bo"].digest
    assert one["bo"].read_model() == b""


def test_other_models_and_other_exercises_have_none(found: Found) -> None:
    files = {"ada/doubles.py": b"a = 1", "ada/other.py": b"a = 1", "ada/other.keras": b"model"}
    assert found(files)["ada"].model is None
    assert found({"ada/net.keras": b"model"}, models={})["ada"].model is None


def test_of_several_uploads_the_latest_counts(found: Found) -> None:
    files = {
        "lovelaceada_4242_900001_doubles.py": b"a = 1",
        "lovelaceada_4242_900002_net.keras": b"first",
        "lovelaceada_4242_900003_net-1.keras": b"second",
    }
    (one,) = found(files).values()
    assert one.read_model() == b"second"


def test_a_model_too_large_is_told(found: Found) -> None:
    one = found({"ada/doubles.py": b"a = 1", f"ada/{MODEL}": bytes(21 << 20)})["ada"]
    assert one.model is None
    assert any("Your model could not be used." in note for note in one.notes)


@pytest.mark.parametrize("name", ["../net.keras", "net.h5", ".keras", "a/b.keras"])
def test_only_a_plain_name_is_accepted(course: Course, tmp_path: Path, name: str) -> None:
    shutil.copytree(course.root, tmp_path / "course")
    exercise = replace(course, root=tmp_path / "course").place.exercise("doubles")
    (exercise.authored / "exercise.toml").write_text(f'model = "{name}"\n')
    with pytest.raises(ValueError, match="plain file name"):
        settings_of(exercise)


@pytest.fixture(scope="module")
def scorer(course: Course) -> Iterator[Scorer]:
    """A scorer of the course."""
    with open_scorer(course) as started:
        yield started


Grade = Callable[[bytes], Result]


@pytest.fixture
def grade(scorer: Scorer) -> Grade:
    """A function that grades an honest notebook with this model beside it."""

    def graded(model: bytes, answer: str = ANSWER) -> Result:
        task = Task(exercise="doubles", content=answer.encode(), suffix=".py", model=model)
        return scorer.score(task)

    return graded


@pytest.mark.slow
def test_a_trained_model_is_graded_by_what_it_predicts(grade: Grade) -> None:
    assert grade(saved()).score == 3
    assert grade(saved(1.5)).score == 1


@pytest.mark.slow
def test_without_a_model_the_student_is_told_how_to_hand_it_in(grade: Grade) -> None:
    knows = grade(b"").checks[1]
    assert knows.outcome is Outcome.NOT_ATTEMPTED
    assert 'model.save("net.keras")' in knows.message


def with_member(name: str, content: bytes) -> bytes:
    """Return a saved model with one member of its archive replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved())) as old,
        zipfile.ZipFile(stream, "w") as new,
    ):
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    return stream.getvalue()


def with_lambda() -> bytes:
    double = keras.layers.Lambda(lambda x: 2 * x)
    return file_of(keras.Sequential([keras.Input((1,)), double]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        lambda: b"no archive at all",
        lambda: saved()[:-100],
        lambda: with_member("config.json", b"{}"),
        lambda: with_member("model.weights.h5", b"no weights"),
        lambda: with_member(
            "config.json", b'{"module": "os", "class_name": "system", "config": {}}'
        ),
        with_lambda,
    ],
    ids=["text", "cut", "empty", "weights", "os.system", "lambda"],
)
def test_what_is_no_model_of_kerass_own_costs_its_check_alone(
    grade: Grade, content: Callable[[], bytes]
) -> None:
    result = grade(content())
    assert result.status is Status.GRADED
    assert [check.outcome for check in result.checks] == [Outcome.PASSED, Outcome.REFUSED_MODEL]
    assert "Keras could not open `net.keras`" in result.checks[1].message


@pytest.mark.slow
def test_verify_proves_such_an_exercise(course: Course, scorer: Scorer) -> None:
    exercise = course.place.exercise("doubles")
    for folder, weight in (("right", 2.0), ("wrong", 3.0)):
        (exercise.authored / folder).mkdir()
        label = "# fails: test_knows\n" if folder == "wrong" else ""
        (exercise.authored / folder / "own.py").write_text(label + ANSWER)
        (exercise.authored / folder / "own.keras").write_bytes(saved(weight))
    cases = [case for case in verify.cases(exercise) if case.kind is not verify.Kind.STUB]
    assert len(cases) == 3
    for case in cases:
        assert not list(verify.problems_of(case, scorer.score(case.task())))


def test_students_check_their_model_before_they_hand_it_in(tmp_path: Path) -> None:
    (tmp_path / "visible.py").write_text(VISIBLE)
    (tmp_path / "doubles.py").write_text(ANSWER)
    stub = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("# released")])
    nbformat.write(stub, tmp_path / "doubles.ipynb")
    (tmp_path / MODEL).write_bytes(saved())
    checks, _ = check(tmp_path / "doubles.py", tmp_path, tmp_path / "doubles.ipynb")
    assert [one.outcome for one in checks] == [Outcome.PASSED, Outcome.PASSED]
