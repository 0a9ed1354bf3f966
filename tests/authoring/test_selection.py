"""Which answers are graded in brief, and which exercises a change affects."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from autograder import PACKAGE, __version__
from autograder.authoring.selection import (
    GRADES_NOTHING,
    affected,
    brief,
    by_turn,
    trains,
    turn_of,
    whole,
)
from autograder.authoring.verify import Kind
from autograder.course.exercise import Exercise, Root, settings_of

REPOSITORY = Root(Path(__file__).parents[2])
EXERCISES = [REPOSITORY.exercise(name) for name in REPOSITORY.names()]
TURNS = [f"{number:040x}" for number in range(100)]


def by_name(exercise: Exercise) -> str:
    return exercise.name


@pytest.fixture
def line(toy_course: Path, tmp_path: Path) -> Exercise:
    """The exercise of the toy course: its solution trains nothing."""
    shutil.copytree(toy_course, tmp_path / "course")
    return Root(tmp_path / "course").exercise("line")


@pytest.mark.parametrize("exercise", EXERCISES, ids=by_name)
def test_an_exercise_whose_training_is_measured_is_known_to_train(exercise: Exercise) -> None:
    measured = {declared.name for declared in settings_of(exercise).thresholds}
    assert trains(exercise) or not measured & {"training_error", "follows"}


def test_a_function_called_train_makes_training_and_a_mention_does_not(line: Exercise) -> None:
    text = line.solution.read_text("utf-8")
    assert not trains(line)
    line.solution.write_text(f"{text}\n# def train(model):\ntrained = 'def train():'\n", "utf-8")
    assert not trains(line)
    line.solution.write_text(f"{text}\ndef train_head(model):\n    pass\n", "utf-8")
    assert trains(line)


def test_a_train_without_keras_is_arithmetic() -> None:
    assert not trains(REPOSITORY.exercise("backprop"))


@pytest.mark.parametrize("exercise", [one for one in EXERCISES if trains(one)], ids=by_name)
def test_in_brief_two_right_and_two_wrong_answers_are_graded_and_each_has_its_turn(
    exercise: Exercise,
) -> None:
    everything = whole(exercise).cases
    turns: Counter[str] = Counter()
    for turn in TURNS:
        chosen = brief(exercise, turn)
        assert set(chosen.cases) | set(chosen.left_out) == set(everything)
        assert len(chosen.cases) + len(chosen.left_out) == len(everything)
        assert Counter(case.kind for case in chosen.cases) == {
            Kind.REFERENCE: 1,
            Kind.STUB: 1,
            Kind.RIGHT: 2,
            Kind.WRONG: 2,
        }
        assert brief(exercise, turn) == chosen
        turns.update(case.name for case in chosen.cases)
    assert set(turns) == {case.name for case in everything}
    wrong = [count for name, count in turns.items() if name.startswith("wrong/")]
    assert max(wrong) < 5 * 2 * len(TURNS) / len(wrong), "no answer is preferred"


def test_references_and_stubs_come_before_answers_whose_turn_it_is() -> None:
    known = [case for exercise in EXERCISES for case in whole(exercise).cases]
    orders = [by_turn(known, turn) for turn in TURNS[:10]]
    for order in orders:
        assert sorted(order, key=known.index) == known
        first = order[: 2 * len(EXERCISES)]
        assert {case.kind for case in first} == {Kind.REFERENCE, Kind.STUB}
    assert len({tuple(order) for order in orders}) == len(orders)


def test_in_brief_an_exercise_without_training_is_graded_whole(line: Exercise) -> None:
    assert brief(line, TURNS[0]) == whole(line)


def test_without_git_the_version_decides_whose_turn_it_is(line: Exercise) -> None:
    assert turn_of(Root(line.authored.parents[1])) == __version__


def names(*changed: Path) -> set[str]:
    return {one.name for one in affected(EXERCISES, REPOSITORY, frozenset(changed))}


ALL = {exercise.name for exercise in EXERCISES}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("solutions/car_price/wrong/no_activation.py", {"car_price"}),
        ("solutions/car_price/removed.py", {"car_price"}),
        ("exercises/digits_cnn/digits_cnn.ipynb", {"digits_cnn"}),
        ("datasets/digits/mnist_10k.npz", {"digits_cnn", "digits_gan"}),
        ("datasets/cars/toyota_corolla.csv", {"car_price"}),
        ("datasets/cars/dataset.toml", {"car_price"}),
        ("datasets/bikes/read.py", {"bikes_lstm"}),
        ("autograder/grading/grading.py", ALL),
        ("autograder/digits/judges/handwriting.npz", ALL),
        ("pyproject.toml", ALL),
        ("autograder/cli.py", set()),
        ("autograder/nbgrader/config.py", set()),
        ("README.md", set()),
        ("docs/concepts/thresholds.md", set()),
        ("tests/conftest.py", set()),
        ("datasets/README.md", set()),
        ("exercises/README.md", set()),
    ],
)
def test_a_change_affects_the_exercises_that_read_the_file(
    changed: str, expected: set[str]
) -> None:
    assert names(REPOSITORY.path / changed) == expected


def test_nothing_that_grades_imports_a_room_that_grades_nothing() -> None:
    # `authoring` knows of calibrations; the public face imports what is asked of it, no sooner.
    proving = ("__init__", "authoring", *GRADES_NOTHING)
    modules = [
        path
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).with_suffix("").parts[0] not in proving
    ]
    checks = [path for exercise in EXERCISES for path in exercise.authored.glob("*.py")]
    rooms = "|".join(sorted(GRADES_NOTHING))
    # An import, or a name in a string from which a process or a plugin is started.
    named = re.compile(
        rf"^\s*(?:from|import) autograder\.({rooms})\b|[\"']autograder\.({rooms})\b", re.M
    )
    assert modules
    assert checks
    assert [path for path in (*modules, *checks) if named.search(path.read_text("utf-8"))] == []
    assert all((PACKAGE / room).is_dir() or room == "cli" for room in GRADES_NOTHING)


def test_no_change_affects_no_exercise() -> None:
    assert names() == set()


def test_the_package_counts_wherever_the_course_lies(line: Exercise) -> None:
    course = Root(line.authored.parents[1])
    assert affected([line], course, frozenset({PACKAGE / "wire.py"})) == (line,)
    assert affected([line], course, frozenset({course.path / "README.md"})) == ()


def test_data_that_only_a_check_names_affect_the_exercise(line: Exercise) -> None:
    course = Root(line.authored.parents[1])
    digits = frozenset({course.datasets / "digits" / "mnist_10k.npz"})
    assert affected([line], course, digits) == ()
    with line.hidden.open("a", encoding="utf-8") as file:
        file.write('\n\ndef images(data):\n    return data("digits")\n')
    assert affected([line], course, digits) == (line,)
