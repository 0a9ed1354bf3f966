"""What is graded again: the runs that a change can affect, and no others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from autograder.calibration.distributions import measured
from autograder.calibration.document import calibration_of, environment, policy
from autograder.calibration.fingerprint import fingerprint
from autograder.calibration.identity import identity
from autograder.calibration.observation import Observation
from autograder.calibration.plan import Run, plan
from autograder.commands.calibrate_work import Request, Work, work_of
from autograder.course import calibration_file
from autograder.course.exercise import Exercise, Root
from autograder.errors import SettingsError

LINE = Path("solutions/line")


def exercise_of(course: Path) -> Exercise:
    return Root(course).exercise("line")


def made_up(run: Run, number: int) -> Observation:
    """Return what a run could have shown."""
    size = 1000.0 + number if run.weak else 1 + number / 100
    return Observation(run, {"size": size, "finite": 1.0}, {"size": {"a million": 1e6}}, 1.5)


@pytest.fixture(scope="module")
def text(make_course: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A calibration.json of four honest runs and three weak ones, made up."""
    course = make_course(tmp_path_factory.mktemp("made_up") / "course")
    exercise = exercise_of(course)
    planned = list(plan(exercise, 4))
    observations = [made_up(run, number) for number, run in enumerate(planned)]
    calibration = calibration_of(
        exercise,
        fingerprint(exercise, Root(course)),
        list(measured(exercise, observations)),
        environment("none"),
        rules=policy(work(course).looks),
        answers={run.answer: identity(run.task) for run in planned},
    )
    return calibration_file.to_text(calibration)


@pytest.fixture
def calibrated(course: Path, text: str) -> Path:
    """The course with that calibration.json."""
    exercise_of(course).calibration.write_text(text, "utf-8")
    return course


def work(course: Path, runs: int = 4, **more: object) -> Work:
    return work_of(exercise_of(course), Root(course), replace(Request((), None, runs), **more))  # type: ignore[arg-type]


def missing(course: Path, runs: int = 4, **more: object) -> list[tuple[str, int]]:
    """Return answers and seeds of the runs that would be graded."""
    wanted = work(course, runs, **more)
    return sorted((run.answer, run.seed) for run in wanted.missing(wanted.planned))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def everything(course: Path) -> list[tuple[str, int]]:
    return sorted((run.answer, run.seed) for run in plan(exercise_of(course), 4))


def test_what_is_on_file_is_kept_value_by_value(calibrated: Path) -> None:
    assert missing(calibrated) == []
    kept = work(calibrated)
    for number, run in enumerate(plan(exercise_of(calibrated), 4)):
        seen = kept.seen[run]
        assert seen.metrics["size"] == made_up(run, number).metrics["size"]
        assert run.weak or seen.metrics["finite"] == 1.0
        assert seen.baselines["size"] == {"a million": 1e6}


def test_more_runs_grade_the_difference_and_fewer_take_nothing_away(calibrated: Path) -> None:
    assert missing(calibrated, 8) == [
        ("reference", 2),
        ("reference", 3),
        ("right/functional", 2),
        ("right/functional", 3),
        ("wrong/too_large", 2),
    ]
    grown = work(calibrated, 8)
    assert [look.runs for look in (*grown.past, *grown.looks)] == [4, 8]
    assert grown.looks[-1].error < 0.05, "a further look costs nothing"
    assert len(work(calibrated, 8).planned) == 12


@pytest.mark.parametrize("runs", [4, 5, 8, 16, 60])
def test_a_larger_plan_begins_with_the_smaller(course: Path, runs: int) -> None:
    small, large = (list(plan(exercise_of(course), count)) for count in (runs, runs + 8))
    assert large[: len(small)] == small
    assert small[0].answer == "reference"
    assert len({run.name for run in large}) == len(large)


NO_CHANGE: dict[str, Callable[[Path], None]] = {
    "a hint": lambda line: edit(line / "hidden.py", "are too large", "are much too large"),
    "points": lambda line: edit(line / "hidden.py", "@points(3)", "@points(4)"),
    "a comment in an answer": lambda line: edit(
        line / "wrong" / "too_large.py", "import keras", "# a word\nimport keras  # another"
    ),
    "the task's text": lambda line: edit(line / "solution.py", "# # A line", "# # The line"),
    "a docstring of the reference": lambda line: edit(
        line / "solution.py", "Return a model with", "Give back a model with"
    ),
    "an answer that no threshold names": lambda line: edit(line / "wrong" / "halved.py", "2", "3"),
}


@pytest.mark.parametrize("change", list(NO_CHANGE))
def test_what_measures_the_same_is_not_graded_again(calibrated: Path, change: str) -> None:
    NO_CHANGE[change](calibrated / LINE)
    assert missing(calibrated) == []


def test_an_answers_own_change_grades_that_answer_alone(calibrated: Path) -> None:
    edit(calibrated / LINE / "wrong" / "too_large.py", "1e4", "2e4")
    assert {answer for answer, _ in missing(calibrated)} == {"wrong/too_large"}
    assert len(missing(calibrated)) == 3
    with (calibrated / LINE / "right" / "functional.py").open("a") as file:
        file.write("\nunused = 1\n")
    assert {answer for answer, _ in missing(calibrated)} == {"wrong/too_large", "right/functional"}


def test_a_new_wrong_answer_grades_that_answer_alone(calibrated: Path) -> None:
    line = calibrated / LINE
    text = (line / "wrong" / "too_large.py").read_text("utf-8")
    (line / "wrong" / "larger.py").write_text(text.replace("1e4", "1e5"), "utf-8")
    edit(line / "exercise.toml", '["too_large"]', '["too_large", "larger"]')
    assert missing(calibrated) == [
        ("wrong/larger", 0),
        ("wrong/larger", 1001),
        ("wrong/larger", 1002),
    ]


def test_a_new_right_answer_grades_that_answer_alone(calibrated: Path) -> None:
    line = calibrated / LINE
    (line / "right" / "other.py").write_bytes((line / "right" / "functional.py").read_bytes())
    assert missing(calibrated) == [("right/other", 0), ("right/other", 1)]


def test_a_threshold_that_names_an_answer_anew_needs_its_values(calibrated: Path) -> None:
    toml = calibrated / LINE / "exercise.toml"
    edit(toml, "value = 0.5", 'value = 0.5\nweak = ["too_large"]')
    assert {answer for answer, _ in missing(calibrated)} == {"wrong/too_large"}


EVERYTHING: dict[str, Callable[[Path], None]] = {
    "a metric": lambda line: edit(line / "hidden.py", ".mean())", ".max())"),
    "the reference": lambda line: edit(line / "solution.py", "values.max()", "max(values)"),
    "the data": lambda line: edit(
        line.parents[1] / "datasets" / "cars" / "dataset.toml", "held_out = 0.3", "held_out = 0.4"
    ),
    "a library": lambda line: edit(line / "calibration.json", '"numpy": "', '"numpy": "0.'),
    "answers that nobody recorded": lambda line: forget_answers(line / "calibration.json"),
}


REASONS = {
    "a metric": "they are of other metrics$",
    "the reference": "they are of other reference$",
    "the data": "they are of other data$",
    "a library": r"they were measured with numpy 0\.\d",
    "answers that nobody recorded": "they do not tell which answers were measured$",
}


def forget_answers(path: Path) -> None:
    """Make the file as the first calibrations were."""
    old = calibration_file.read(path)
    calibration_file.write(path, msgspec.structs.replace(old, answers={}))


@pytest.mark.parametrize("change", list(EVERYTHING))
def test_what_can_affect_every_run_grades_all_of_them(calibrated: Path, change: str) -> None:
    EVERYTHING[change](calibrated / LINE)
    assert missing(calibrated) == everything(calibrated)
    assert re.match(REASONS[change], work(calibrated).passed_over)


def test_fresh_grades_all_of_them(calibrated: Path) -> None:
    assert missing(calibrated, fresh=True) == everything(calibrated)


def test_a_bound_that_is_reached_asks_for_no_more_runs(calibrated: Path) -> None:
    assert missing(calibrated, 60, bound=0.6) == []
    assert missing(calibrated, 60, bound=0.5) != []
    assert len(work(calibrated, 60, bound=0.3).looks) > 1


def test_a_threshold_with_neither_weak_nor_value_is_refused(course: Path) -> None:
    toml = course / LINE / "exercise.toml"
    edit(toml, 'weak = ["too_large"]\n', "")
    with pytest.raises(
        SettingsError, match=r"exercise\.toml: thresholds\.size has neither"
    ) as told:
        work(course)
    assert "halved, too_large" in str(told.value)
    assert "`value`" in str(told.value)


def test_an_interrupted_calibration_is_completed_with_what_was_measured(course: Path) -> None:
    begun = work(course)
    for number, run in enumerate(begun.planned[:3]):
        begun.log.add(made_up(run, number))
    again = work(course)
    assert len(again.missing(again.planned)) == len(begun.planned) - 3
    assert again.expected == {"reference": 1.5, "right/functional": 1.5, "wrong/too_large": 1.5}
    begun.log.forget()
    assert work(course).expected == again.expected, "the next calibration knows how long it takes"
    assert missing(course) == everything(course)
