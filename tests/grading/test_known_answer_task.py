"""A known answer is graded as the solution with what it changes, wherever it is read."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.authoring.verify import Case, Kind, cases, problems_of, read_answers
from autograder.calibration.plan import run_of
from autograder.course import known_answer
from autograder.course.course import demo_sources
from autograder.course.exercise import Exercise, Root
from autograder.errors import AnswerError
from autograder.grading.task import Task
from autograder.notebooks import reader
from autograder.result import Check, Outcome, Result, Status, Visibility

SCALE = "def scale(values):\n    return values + 1\n"


@pytest.fixture
def line(toy_course: Path, tmp_path: Path) -> Exercise:
    """The exercise of a copy of the toy course, with a wrong answer that holds one function."""
    shutil.copytree(toy_course, tmp_path / "course")
    exercise = Root(tmp_path / "course").exercise("line")
    (exercise.authored / "wrong" / "plus.py").write_text(f"# fails: test_scale\n{SCALE}", "utf-8")
    return exercise


def test_complete_answers_are_taken_byte_for_byte(line: Exercise) -> None:
    for path in (line.solution, *line.right, line.authored / "wrong" / "halved.py"):
        assert Task.for_answer(line, path).content == path.read_bytes()
    stub = line.solution.with_suffix(".ipynb")
    stub.write_bytes(b"{}")
    assert Task.for_answer(line, stub).content == b"{}"


def test_verify_and_calibrate_grade_the_composed_answer(line: Exercise) -> None:
    plus = line.authored / "wrong" / "plus.py"
    task = next(case for case in cases(line) if case.path == plus).task()
    old = line.solution.read_text("utf-8")
    start, end = old.index("def scale"), old.index('\n\n# %% id="build"')
    assert task.content.decode() == f"{old[:start]}{SCALE}{old[end:]}"
    assert task.sha256 == hashlib.sha256(task.content).hexdigest()
    assert run_of(line, "wrong/plus", b"key", 0).task.content == task.content
    cells = reader.read(task.content, task.suffix).code
    assert {cell.source for cell in cells} >= demo_sources(line) != frozenset()


def test_a_task_is_what_a_batch_keeps_its_results_by(line: Exercise) -> None:
    task = Task.for_answer(line, line.solution)
    helped = replace(task, helpers={"tools.py": b"x = 1"})
    assert {task: 1, helped: 2}[replace(helped)] == 2
    assert {task: 1, helped: 2}[replace(task)] == 1


def test_a_changed_solution_makes_another_submission(line: Exercise) -> None:
    plus = line.authored / "wrong" / "plus.py"
    before = Task.for_answer(line, plus).sha256
    text = line.solution.read_text("utf-8")
    line.solution.write_text(text.replace('"ones"', '"zeros"'), "utf-8")
    assert Task.for_answer(line, plus).sha256 != before
    line.solution.write_text(text, "utf-8")
    assert Task.for_answer(line, plus).sha256 == before


def test_a_trained_model_goes_with_an_answer_that_holds_only_what_differs(line: Exercise) -> None:
    plus = line.authored / "wrong" / "plus.py"
    (line.authored / "exercise.toml").write_text('data = ["cars"]\nmodel = "net.keras"\n')
    (line.authored / "net.keras").write_bytes(b"the reference's")
    assert Task.for_answer(line, plus).model == b"the reference's"
    plus.with_suffix(".keras").write_bytes(b"its own")
    assert Task.for_answer(line, plus).model == b"its own"


def test_the_released_notebook_is_handed_in_without_a_trained_model(line: Exercise) -> None:
    (line.authored / "exercise.toml").write_text('data = ["cars"]\nmodel = "net.keras"\n')
    (line.authored / "net.keras").write_bytes(b"the reference's")
    line.notebook.parent.mkdir(parents=True, exist_ok=True)
    line.notebook.write_bytes(b"{}")
    (stub,) = [case for case in cases(line) if case.kind is Kind.STUB]
    assert stub.task().model == b""


@pytest.mark.parametrize("folder", ["right", "wrong"])
@pytest.mark.parametrize(
    ("text", "line_number", "told"),
    [
        (b"# fails: test_scale\ndef scale(:\n", 2, "a syntax error"),
        (b"# fails: test_scale\n\nimport keras\n", 3, "nothing differs"),
        ("# fails: test_scale\n\n# größer\n".encode("latin-1"), 3, "is not UTF-8"),
    ],
)
def test_what_cannot_be_graded_is_refused_before_anything_is(
    line: Exercise, folder: str, text: bytes, line_number: int, told: str
) -> None:
    path = line.authored / folder / "zzz.py"
    path.write_bytes(text)
    with pytest.raises(AnswerError) as raised:
        read_answers(line)
    assert str(raised.value).startswith(f"{path}:{line_number}: {told}")
    with pytest.raises(AnswerError):
        run_of(line, f"{folder}/zzz", b"key", 0)


def test_the_solution_and_the_stub_change_nothing(line: Exercise) -> None:
    assert known_answer.changes(line, line.solution) == ()
    assert known_answer.changes(line, line.notebook) == ()


COMPLETE = """# An answer without imports.
def scale(values):
    return np.array(values)


def build_model(x_train):
    return keras.Sequential([keras.layers.Dense(1)])
"""


@pytest.mark.parametrize(
    ("text", "ended", "told"),
    [
        (COMPLETE, "NameError: name 'keras' is not defined", "solution.py has: import keras"),
        (COMPLETE, "NameError: name 'np' is not defined", ""),
        (COMPLETE, "TypeError: unhashable type", ""),
        (SCALE, "NameError: name 'keras' is not defined", ""),
    ],
    ids=["the solution imports it", "nobody imports it", "another end", "what differs alone"],
)
def test_a_complete_answer_without_imports_is_told_what_it_needs(
    line: Exercise, text: str, ended: str, told: str
) -> None:
    answer = line.authored / "right" / "own.py"
    answer.write_text(text, "utf-8")
    advice = known_answer.advice_on_imports(line, answer, ended)
    assert advice.endswith(told)
    assert bool(advice) == bool(told)
    case = Case(line, Kind.RIGHT, answer)
    check = Check("test_a", "A", Visibility.HIDDEN, Outcome.CRASHED, 0, 1, f"It raised {ended}.")
    (problem,) = problems_of(case, Result("", "line", "", "", "", Status.GRADED, checks=(check,)))
    assert ("is complete and needs its own imports" in str(problem)) == bool(told)
    answer.write_text("def scale(", "utf-8")  # saved meanwhile
    assert known_answer.advice_on_imports(line, answer, ended) == ""
