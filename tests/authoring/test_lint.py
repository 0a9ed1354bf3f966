"""Every fault of an author is a sentence with file, line, what is known and the way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.authoring import lint
from autograder.cli import main
from autograder.course.exercise import Root
from autograder.errors import FaultyExercise

REPOSITORY = Path(__file__).parents[2]

CASES = {
    "no points": (
        ("hidden.py", "@points(1)\ndef test_fragile", "def test_fragile"),
        ("hidden.py:15: hidden.py::test_fragile has no @points", "Write @points(1) above it"),
    ),
    "points that are a text": (
        ("hidden.py", "@points(1)", "@points('1')"),
        ("hidden.py:", "a check is worth a positive number of points, not '1'"),
    ),
    "no docstring": (
        ("visible.py", '    """Values are divided by the largest"""\n', ""),
        ("visible.py:9: the check test_scale has no docstring", "the title that a student reads"),
    ),
    "an assert without a message": (
        ("hidden.py", ', "the largest value should become 1"', ""),
        ("hidden.py:19: this assert has no message", "what a student reads"),
    ),
    "a code cell without an id": (
        ("solution.py", '# %% id="scale"', "# %%"),
        ("solution.py:", "has no id; ids so far: imports, build, try", '# %% id="scale"'),
    ),
    "a fixture that a check asks for": (
        ("hidden.py", "def test_prediction(model, cars)", "def test_prediction(model, car)"),
        (
            "hidden.py:8: the check test_prediction asks for a fixture 'car', which is not there",
            "known: cars, data, model, optional_reference, record, reference, rng, rng_of, student",
            "Did you mean 'cars'?",
        ),
    ),
    "a fixture that a fixture asks for": (
        ("conftest.py", "def model(student, cars)", "def model(student, autos)"),
        ("conftest.py:14: the fixture 'model' asks for a fixture 'autos'", "Write it in conftest"),
    ),
    "a model that is not there": (
        ("exercise.toml", 'data = ["cars"]', 'data = ["cars"]\nmodel = "line.keras"'),
        ('model = "line.keras", and ', "line.keras is not there; there: none"),
    ),
    "Keras in a check": (
        ("hidden.py", "import numpy as np", "import numpy as np\nfrom keras import ops"),
        ("hidden.py:4: checks must not import keras", "an Oracle", "reference", "the evaluator"),
    ),
    "TensorFlow within a fixture": (
        ("conftest.py", '    return data("cars")', "    import tensorflow as tf\n    return tf"),
        ("conftest.py:11: checks must not import tensorflow",),
    ),
    "a wrong answer of another check": (
        ("wrong/halved.py", "test_fragile", "test_frgile"),
        ("halved.py:1: there is no check 'test_frgile'; known: test_scale, test_shape, test_pred",),
    ),
    "a syntax error": (("hidden.py", "import numpy as np", "import"), ("hidden.py:3: a syntax",)),
    "an import that fails": (("hidden.py", "import numpy", "import numpyy"), ("numpyy",)),
    "a threshold's value that is a text": (
        (
            "exercise.toml",
            "[limits]",
            "[thresholds.a]\nbetter = 'lower'\nwhat = 'x'\nvalue = '1'\n[limits]",
        ),
        ("exercise.toml", "thresholds.a.value", "not '1'"),
    ),
    "nothing to fill in": (
        (
            "solution.py",
            "    ### BEGIN SOLUTION\n    norm = ",
            "    ### BEGIN ANSWER\n    norm = ",
        ),
        ("solution.py:", "without '### BEGIN SOLUTION'"),
    ),
}


@pytest.mark.parametrize(("change", "told"), CASES.values(), ids=CASES.keys())
def test_a_fault_is_told_before_anything_is_graded(
    edited_course: Callable[..., Path],
    change: tuple[str, str, str],
    told: tuple[str, ...],
) -> None:
    root = edited_course(change)
    done = CliRunner().invoke(main, ["release", "--root", str(root)])
    assert isinstance(done.exception, SystemExit), done.exception
    shown = " ".join(done.output.split())
    assert done.exit_code in (1, 2), shown
    for words in told:
        assert words in shown, shown
    assert not (root / "exercises" / "line").exists(), "nothing is written"


@pytest.mark.parametrize("command", ["verify", "try line", "calibrate", "release"])
def test_every_command_of_an_author_tells_the_faults(
    edited_course: Callable[..., Path], command: str
) -> None:
    root = edited_course(
        ("hidden.py", ', "the largest value should become 1"', ""),
        ("visible.py", '    """The model has one output"""\n', ""),
    )
    if command == "verify":
        (root / "exercises" / "line").mkdir()
        (root / "exercises" / "line" / "line.ipynb").write_text("{}")
    done = CliRunner().invoke(main, [*command.split(), "--root", str(root)])
    assert done.exit_code == 2, done.output
    assert "this assert has no message" in done.output
    assert "the check test_shape has no docstring" in done.output


@pytest.mark.parametrize("name", Root(REPOSITORY).names())
def test_the_exercises_of_this_course_have_no_faults(name: str) -> None:
    lint.refuse([Root(REPOSITORY).exercise(name)])


def test_all_faults_of_all_exercises_are_told_at_once(edited_course: Callable[..., Path]) -> None:
    root = edited_course(("hidden.py", ', "the largest value should become 1"', ""))
    exercise = Root(root).exercise("line")
    with pytest.raises(FaultyExercise) as caught:
        lint.refuse([exercise, exercise])
    assert len(str(caught.value).splitlines()) == 2
