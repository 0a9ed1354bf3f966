"""The kit of a trained model: its usual checks, the words of the exercises, and authors' errors."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from autograder import expect
from autograder.authoring.release import files
from autograder.checks.thresholds import Measured, Threshold
from autograder.checks.trained_model import (
    Error,
    Likelihood,
    Relabelled,
    Rows,
    ShareRight,
    TrainedModel,
    Unseen,
    Words,
    evenly,
    every,
    first,
    reflected,
    renamed,
)
from autograder.course.exercise import Exercise, Root
from autograder.errors import BrokenChecks, DeclarationError
from autograder.result import Check, Outcome, Visibility
from autograder.runner.collection import checks_of
from autograder.selfcheck.cell import _names

ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests" / "golden" / "trained_model.json").read_text("utf-8"))
DATA = {"car_price": "cars", "digits_cnn": "digits", "bikes_lstm": "bikes"}
Run = Callable[..., list[Check]]


def told(check: Check) -> list[Any]:
    """Return what the golden file holds of a check's end; measures to six digits."""
    measures = [
        [m.name, m.value if m.value is None else f"{m.value:.6g}", m.limit] for m in check.measures
    ]
    return [str(check.outcome), check.points, check.message, measures]


@pytest.mark.parametrize("name", GOLDEN)
def test_ids_titles_points_and_visibility_are_those_from_before_the_kit(name: str) -> None:
    found = checks_of(Root(ROOT).exercise(name))
    listed = [[check.id, check.title, check.points, str(check.visibility)] for check in found]
    assert listed == GOLDEN[name]["checks"]


@pytest.mark.parametrize("name", DATA)
def test_outcomes_and_messages_are_those_from_before_the_kit(name: str, run_stand_in: Run) -> None:
    for fault, expected in GOLDEN[name]["faults"].items():
        checks = run_stand_in(ROOT / "solutions" / name, DATA[name], fault.replace("none", ""))
        ended = {check.id: told(check) for check in checks if check.id in expected}
        assert ended == expected, fault


CONFTEST = """
import numpy as np
from autograder import expect
from autograder.checks.trained_model import *

pytest_plugins = ["autograder.checks.trained_model.fixtures"]

exercise = TrainedModel(
    data="cars",
    input_shape=(7,),
    output_shape=(1,),
    metric=Error(expect.mean_absolute_error, name="the mean error", unit="euros"),
    constant=np.median,
    relabelled=reflected,
    words=Words(
        rows="cars",
        targets="prices",
        takes="seven numbers",
        returns="a price",
        relabelled="cheap cars become dear",
    ),
)
"""
VISIBLE = """
from autograder.checks.trained_model import *

test_shapes = shapes(points=1)
test_nonlinearity = nonlinearity(points=1)
test_budget = budget(1000, points=2)
test_train_teaches = train_teaches(points=1)
test_new_prices = new_targets(points=1.5)
"""
HIDDEN = """
from autograder.checks.trained_model import *

test_model = model_on_unseen(points=2)
test_train = train_on_unseen(points=2)
"""
SETTINGS = """
data = ["cars"]
[thresholds]
unseen_error = {better = "lower", what = "mean error in euros", value = 1000}
relabelled_error = {better = "lower", what = "error over the constant's", value = 0.5}
training_error = {better = "lower", what = "error after over before", value = 0.9}
"""
SOLUTION = (
    '# %% id="a"\ndef build_model(x):\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION\n'
)


TEXTS = {
    "conftest.py": CONFTEST,
    "visible.py": VISIBLE,
    "hidden.py": HIDDEN,
    "exercise.toml": SETTINGS,
    "solution.py": SOLUTION,
}


@pytest.fixture
def authored(tmp_path: Path) -> Callable[..., Exercise]:
    """A function of changes (file, old, new): an exercise that takes all usual checks."""

    def write(*changes: tuple[str, str, str]) -> Exercise:
        texts = dict(TEXTS)
        for file, old, new in changes:
            assert old in texts[file]
            texts[file] = texts[file].replace(old, new)
        folder = tmp_path / "solutions" / "prices"
        folder.mkdir(parents=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
        return Root(tmp_path).exercise("prices")

    return write


def test_the_usual_texts_are_worded_for_the_nouns(authored: Any) -> None:
    listed = {check.id: check for check in checks_of(authored())}
    assert [check.title for check in listed.values()] == [
        "The model takes seven numbers and returns a price",
        "There is a nonlinear activation between the layers with weights",
        "The model has at most 1,000 parameters",
        "`train` moves the weights of the model it is given, and the training error falls",
        "`train` learns the prices it is given, also when cheap cars become dear",
        "Trained well, your model gives good prices for unseen cars",
        "`train` leads a good model to good prices for unseen cars",
    ]
    assert listed["test_new_prices"].points == 1.5
    hidden = [check.id for check in listed.values() if check.visibility is Visibility.HIDDEN]
    assert hidden == ["test_model", "test_train"]


def test_a_right_answer_earns_everything(authored: Any, run_stand_in: Run) -> None:
    folder = authored().authored
    for warm in (False, True):
        checks = run_stand_in(folder, "cars", "", warm=warm)
        assert {check.outcome for check in checks} == {Outcome.PASSED}


def test_hints_in_plain_units(authored: Any, run_stand_in: Run) -> None:
    def hint(fault: str) -> str:
        checks = {check.id: check for check in run_stand_in(folder, "cars", fault)}
        return checks["test_model"].message

    folder = authored().authored
    assert hint("poor on unseen").startswith("On cars it has never seen, the mean error is up to ")
    assert hint("poor on unseen").endswith(" euros; at most 1,000 euros earns all points.")
    assert hint("the same") == "After training the model gives the same answer for all cars."
    assert hint("lost on unseen").startswith("For some of the cars it has never seen")


def test_a_check_is_left_out_or_replaced(authored: Any) -> None:
    function = '@points(7)\ndef test_budget(student_model):\n    """Mine"""\n'
    exercise = authored(
        ("visible.py", "test_shapes = shapes(points=1)\n", ""),
        ("visible.py", "test_budget = budget(1000, points=2)\n", function),
        ("visible.py", "from", "from autograder.checks import points\nfrom"),
    )
    listed = {check.id: check for check in checks_of(exercise)}
    assert "test_shapes" not in listed
    assert (listed["test_budget"].title, listed["test_budget"].points) == ("Mine", 7)


def test_a_function_further_down_replaces_the_check_of_its_name(authored: Any) -> None:
    more = '\n\ndef test_new_prices(student):\n    """Mine"""\n    assert 0, "mine"\n'
    line = "test_new_prices = new_targets(points=1.5)\n"
    exercise = authored(
        ("visible.py", line, f"{line}{more}\ntest_new_prices = points(3)(test_new_prices)\n"),
        ("visible.py", "from", "from autograder.checks import points\nfrom"),
    )
    assert [c.title for c in checks_of(exercise) if c.id == "test_new_prices"] == ["Mine"]


def test_a_fixture_of_the_exercise_replaces_that_of_the_kit(
    authored: Any, run_stand_in: Run
) -> None:
    fixture = """
from autograder.checks import shared

@shared
def build():
    def built(owner):
        raise AssertionError("mine")

    return built
"""
    exercise = authored(("conftest.py", "\nexercise =", f"{fixture}\nexercise ="))
    checks = run_stand_in(exercise.authored, "cars", "", warm=True)
    assert {check.message for check in checks} == {"mine"}


def test_a_students_own_check_runs_the_visible_checks(authored: Any, run_stand_in: Run) -> None:
    exercise = authored()
    visible = [c.id for c in checks_of(exercise) if c.visibility is Visibility.VISIBLE]
    checks = run_stand_in(exercise.authored, "cars", "own targets", graded=False)
    assert [check.id for check in checks] == visible
    failed = {check.id for check in checks if check.outcome is not Outcome.PASSED}
    assert failed == {"test_train_teaches", "test_new_prices"}
    assert visible[0] in _names(exercise.visible)  # a notebook's own check() finds it, too


def test_nothing_of_the_hidden_checks_is_released(authored: Any) -> None:
    exercise = authored()
    exercise.calibration.write_text(CALIBRATION, "utf-8")
    released = {name: data.decode() for name, data in files(exercise).items()}
    assert set(released) == {"prices.ipynb", "conftest.py", "visible.py", "thresholds.json"}
    for text in released.values():
        assert "on_unseen" not in text
        assert "test_model" not in text


CALIBRATION = json.dumps(
    json.loads((ROOT / "solutions" / "car_price" / "calibration.json").read_text("utf-8"))
)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("conftest.py", "exercise = TrainedModel(", "exercise = dict(", "declares 0 exercises"),
        ("conftest.py", "\nexercise =", "\nother = exercise = 0\nexercise =", ""),
        ("hidden.py", "test_model = ", "test_model = test_other = ", ""),
        ("visible.py", "shapes(points=1)", 'shapes(points=1, title="{price}")', "known nouns"),
        ("visible.py", "shapes(points=1)", 'shapes(points=1, title="{")', "written twice"),
        ("conftest.py", "input_shape=(7,)", "input_shape=7", "input_shape is a tuple"),
        ("conftest.py", "input_shape=(7,)", "input_shape=(0,)", "input_shape is a tuple"),
        ("conftest.py", "output_shape=(1,)", "output_shape=1", "output_shape is a tuple"),
        ("conftest.py", "output_shape=(1,)", "output_shape=((1,), 1)", "output_shape is a tuple"),
        ("conftest.py", "output_shape=(1,)", "output_shape=((1,), (2,))", "the same numbers"),
        ("conftest.py", "constant=np.median", "constant=0", "constant is a function, not 0"),
        ("conftest.py", "relabelled=reflected", "relabeled=reflected", "'relabeled'"),
        ("visible.py", "shapes(points=1)", "shapes(points=0)", "positive number of points"),
        ("visible.py", "shapes(points=1)", "shapes()", "points"),
    ],
)
def test_a_wrong_declaration_is_refused_with_a_sentence(
    authored: Any, file: str, old: str, new: str, said: str
) -> None:
    exercise = authored((file, old, new))
    if not said:
        assert checks_of(exercise)
        return
    with pytest.raises(BrokenChecks, match=said):
        checks_of(exercise)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "exercise.toml",
            '{better = "lower", what = "mean',
            '{better = "higher", what = "mean',
            "Error is better lower",
        ),
        ("exercise.toml", "relabelled_error", "other_error", "no threshold 'relabelled_error'"),
        ("conftest.py", "reflected,", "lambda y: y,", "the targets as they were"),
        ("conftest.py", "reflected,", "lambda y: y[1:],", "returns the shape"),
        ("conftest.py", "expect.mean_absolute_error", "lambda y, p: 0", "must be above 0"),
        ("conftest.py", "np.median", "lambda y: np.zeros(2)", "an array of the shape (2,), and"),
        ("conftest.py", "output_shape=(1,)", "output_shape=(3,)", "such as np.full((3,), "),
    ],
)
def test_a_fault_that_shows_with_data_names_the_way_out(
    authored: Any, run_stand_in: Run, file: str, old: str, new: str, said: str
) -> None:
    checks = run_stand_in(authored((file, old, new)).authored, "cars", "")
    broken = [check for check in checks if check.outcome is Outcome.GRADER_ERROR]
    assert broken
    assert any(said in check.evidence for check in broken)


def test_a_model_may_return_any_of_the_allowed_shapes(authored: Any, run_stand_in: Run) -> None:
    exercise = authored(
        ("conftest.py", "output_shape=(1,)", "output_shape=((1,), ())"),
        ("conftest.py", "expect.mean_absolute_error", "lambda y, p: abs(p[:, 0] - y).mean()"),
    )
    for answer in ("", "flat"):
        ended = run_stand_in(exercise.authored, "cars", answer)
        assert {check.outcome for check in ended} == {Outcome.PASSED}, answer
    ended = run_stand_in(exercise.authored, "cars", "wrong shapes")
    assert [check.message for check in ended if check.id == "test_shapes"]
    # The input is told first; with the right input it is the output.
    relaxed = exercise.conftest.read_text("utf-8").replace("input_shape=(7,)", "input_shape=(7, 2)")
    exercise.conftest.write_text(relaxed, "utf-8")
    (shapes,) = (
        check
        for check in run_stand_in(exercise.authored, "cars", "wrong shapes")
        if check.id == "test_shapes"
    )
    assert shapes.message.startswith(
        "The model's output should have the shape (None, 1) or (None,)"
    )


def test_a_constant_that_does_not_fit_stops_every_check_that_needs_the_rows(
    authored: Any, run_stand_in: Run
) -> None:
    exercise = authored(("conftest.py", "np.median", "lambda y: [1.0, 2.0]"))
    ended = run_stand_in(exercise.authored, "cars", "", warm=True)
    assert {check.outcome for check in ended} == {Outcome.GRADER_ERROR}
    for check in ended:
        assert "constant returns an array of the shape (2,)" in check.evidence


def test_a_rival_among_the_baselines_earns_points_but_not_all(
    authored: Any, run_stand_in: Run
) -> None:
    fixture = """
@shared
def unseen():
    return Unseen(
        baselines={"the truth, half": lambda cars: cars.y_test / 2},
        rival="the truth, half",
    )
"""
    exercise = authored(
        ("hidden.py", "\ntest_model", f"{fixture}\ntest_model"),
        ("hidden.py", "import *", "import *\nfrom autograder.checks import shared"),
        ("exercise.toml", "1000", "0.9"),
    )
    # In a warm process shared fixtures are made for visible.py first, which has no such `unseen`.
    ended = run_stand_in(exercise.authored, "cars", "poor on unseen", warm=True)
    model = {check.id: check for check in ended}["test_model"]
    assert "times that of the truth, half; at most 0.9 times" in model.message
    assert model.outcome is Outcome.PARTIAL


@pytest.mark.parametrize(("rival", "answer"), [("a line", None), ("", lambda cars: cars.y_test)])
def test_a_rival_needs_an_answer_and_a_name(rival: str, answer: Any) -> None:
    with pytest.raises(DeclarationError, match="rival"):
        Unseen(rival=rival, rival_answer=answer)


WORDS = Words(rows="cars", targets="prices", takes="", returns="", relabelled="")
POSITIVE = st.floats(1e-6, 1e12)


def measured(value: float, better: str = "lower") -> Measured:
    return Measured(value, Threshold("unseen", 0.5, better))


@given(POSITIVE)
def test_an_error_is_never_told_smaller_than_it_is(value: float) -> None:
    error = Error(expect.mean_absolute_error, unit="euros")
    number = float(error.told(measured(value), "")["value"].replace(",", ""))
    assert number >= value * (1 - 1e-9)
    assert number <= value * 1.1 + 1e-9
    times = float(error.told(measured(value), "a line")["value"])
    assert times >= min(value, 50) - 1e-9


@given(st.floats(0, 1))
def test_a_share_right_is_never_told_larger_than_it_is(share: float) -> None:
    numbers = ShareRight(expect.accuracy).told(measured(share, "higher"), "")
    assert int(numbers["value"]) <= 100 * share + 1e-9
    assert "{" not in WORDS.fill(ShareRight(expect.accuracy).sentence(""), **numbers)


def mean_log(labels: Any, predicted: Any) -> float:
    return float(np.mean(-np.log(predicted[np.arange(len(labels)), labels])))


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=20))
def test_a_likelihood_is_the_geometric_mean_of_the_true_classes(probabilities: list[float]) -> None:
    metric = Likelihood(mean_log)
    p, labels = np.array(probabilities), np.arange(len(probabilities)) % 2
    predicted = np.where(np.arange(2) == labels[:, None], p[:, None], 1 - p[:, None])
    value = metric.value(metric.error(labels, predicted), 1.0)
    assert value == pytest.approx(stats.gmean(p))
    numbers = metric.told(measured(value, "higher"), "")
    assert float(numbers["value"]) <= value + 1e-9
    assert "{" not in WORDS.fill(metric.sentence(""), **numbers)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=40))
def test_reflected_targets_keep_their_extremes_and_come_back(values: list[int]) -> None:
    y = np.array(values, dtype="float64")
    other = reflected(y)
    assert (other.min(), other.max()) == (y.min(), y.max())
    assert np.array_equal(reflected(other), y)
    assert np.array_equal(np.argsort(-other, kind="stable"), np.argsort(y, kind="stable"))


@given(st.integers(2, 20), st.integers(1, 100))
def test_renamed_labels_are_all_other_labels(classes: int, by: int) -> None:
    labels = np.arange(classes)
    if by % classes == 0:
        with pytest.raises(DeclarationError, match="leaves every label its name"):
            renamed(classes, by)
        return
    other = renamed(classes, by)(labels)
    assert sorted(other) == list(labels)
    assert not (other == labels).any()


@given(st.integers(1, 50), st.integers(1, 80))
def test_picks_stay_within_the_rows(some: int, count: int) -> None:
    rows = np.arange(count)
    assert len(rows[every(count)]) == count
    assert list(rows[first(some)(count)]) == list(rows[:some])
    assert len(rows[evenly(some)(count)]) == some


def test_rows_have_the_targets_of_the_exercise() -> None:
    class Split:
        x_train, y_train = np.zeros((2, 3)), np.array([1.0, 5.0])
        x_test, y_test = np.ones((1, 3)), np.array([7.0])

    rows = Rows(Split(), lambda y: y > 3)
    assert list(rows.y_train) == [False, True]
    assert list(rows.y_test) == [True]
    assert rows.x_test.shape == (1, 3)


def test_the_usual_trivial_answer_for_other_targets() -> None:
    exercise = TrainedModel(
        data="cars",
        input_shape=(None, 3),
        output_shape=(1,),
        metric=Error(expect.mean_absolute_error),
        constant=np.median,
        relabelled=reflected,
        words=WORDS,
    )
    other = Relabelled(np.zeros((3, 3)), np.arange(3), np.array([5.0, 1.0, 9.0]))
    (answer,) = exercise.trivial_on_relabelled(other).values()
    assert answer.tolist() == [[5.0], [5.0], [5.0]]
    assert math.isclose(exercise.metric.error(other.new, answer), 8 / 3)


def test_the_example_of_the_guide_stays_short() -> None:
    page = (ROOT / "docs" / "guides" / "write-an-exercise.md").read_text("utf-8")
    count = 0
    for name in ("conftest.py", "visible.py", "hidden.py"):
        block = page.partition(f"<!-- file: solutions/dear_cars/{name} -->\n```python\n")[2]
        lines = block.partition("\n```\n")[0].splitlines()
        assert lines, name
        count += sum(bool(line.strip()) for line in lines)
    assert count <= 50
