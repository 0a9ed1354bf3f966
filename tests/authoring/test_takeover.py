"""A notebook of nbgrader or Otter-Grader becomes an exercise, and what is left is said."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.authoring import lint, release
from autograder.authoring.takeover import take_over
from autograder.cli import main
from autograder.course.exercise import Root
from autograder.errors import CannotBegin
from autograder.result import Visibility
from autograder.runner.collection import checks_of

HERE = Path(__file__).parent / "notebooks"
NOTEBOOKS = sorted(HERE.glob("*.ipynb"))
NBGRADER, OTTER = "nbgrader_statistics", "otter_vectors"


@pytest.fixture
def course(tmp_path: Path) -> Root:
    """An empty course."""
    for folder in ("solutions", "datasets", "exercises"):
        (tmp_path / folder).mkdir()
    return Root(tmp_path)


def call(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def cell(kind: str, source: str, **grading: Any) -> dict[str, Any]:
    more: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": grading}, **more}


def solution(source: str) -> dict[str, Any]:
    return cell("code", source, solution=True, grade_id="s")


def checked(source: str) -> dict[str, Any]:
    return cell("code", source, grade=True, points=1, grade_id="t")


@pytest.fixture
def taken(course: Root, tmp_path: Path) -> Callable[..., dict[str, str]]:
    """A function of cells: the files of the exercise that they become, which has no faults."""

    def take(*cells: dict[str, Any], lints: bool = True) -> dict[str, str]:
        path = tmp_path / "source.ipynb"
        path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 4}))
        take_over(course, "taken", path)
        exercise = course.exercise("taken")
        if lints:
            lint.refuse([exercise])
        return {p.name: p.read_text("utf-8") for p in exercise.authored.rglob("*") if p.is_file()}

    return take


@pytest.mark.parametrize("name", [NBGRADER, OTTER])
def test_a_notebook_becomes_an_exercise_without_faults(course: Root, name: str) -> None:
    code, output = call(
        "new", name, "--from", str(HERE / f"{name}.ipynb"), "--root", str(course.path)
    )
    assert code == 0, output
    exercise = course.exercise(name)
    lint.refuse([exercise])
    release.write_release(exercise)
    assert release.check_no_leak(exercise) == ()
    marked = {
        f"{path.relative_to(course.path)}:{number}"
        for path in course.path.rglob("*")
        if path.suffix in (".py", ".toml", ".md")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if "TODO" in line or "DECIDE" in line
        if path.parent != exercise.released
    }
    assert marked
    listed = {line.split(": ")[0].strip() for line in output.splitlines() if ": " in line}
    assert marked <= listed
    assert f"Next: autograder try {name} --watch" in output


@pytest.mark.parametrize(
    ("name", "points", "functions"),
    [
        (
            NBGRADER,
            {"test_mean": 1.5, "test_mean_hidden": 1.5, "test_spread": 2, "test_hidden_spread": 2},
            {"mean", "spread"},
        ),
        (
            OTTER,
            {"test_q1": 1, "test_q2": 1.5, "test_q3": 1}
            | {"test_q1_hidden": 1, "test_q2_hidden": 1, "test_q3_hidden": 1},
            {"dot", "length", "unit", "answer_largest"},
        ),
    ],
)
def test_each_test_has_its_points_and_its_place(
    course: Root, name: str, points: dict[str, float], functions: set[str]
) -> None:
    take_over(course, name, HERE / f"{name}.ipynb")
    exercise = course.exercise(name)
    checks = checks_of(exercise)
    assert {check.id: check.points for check in checks} == points
    hidden = {check.id for check in checks if check.visibility is Visibility.HIDDEN}
    assert hidden == {id_ for id_ in points if "hidden" in id_}
    stub = exercise.solution.read_text("utf-8")
    tree = ast.parse(stub)
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions <= set(defined)
    assert stub.count("    ### BEGIN SOLUTION") == len(functions)
    wrong = (exercise.authored / "wrong" / "returns_nothing.py").read_text("utf-8")
    assert set(wrong.partition("\n")[0].removeprefix("# fails: ").split(", ")) == set(points)


def test_what_tests_need_is_carried_along(taken: Callable[..., dict[str, str]]) -> None:
    files = taken(
        cell(
            "code",
            "import numpy as np, math\nLIMIT = math.pi\n\ndef near(a):\n    return a < LIMIT",
        ),
        solution("def f(x):\n    return x\n\nclass Box:\n    def get(self):\n        return 1"),
        checked("def twice(x):\n    return f(f(x))\nassert near(twice(np.float64(1)))"),
        checked("b = Box()\nassert b.get() == 1 and twice(2) == 2"),
    )
    visible = files["visible.py"]
    assert "import math\nimport numpy as np\n" in visible
    assert visible.count("LIMIT = math.pi") == 1
    assert "return student.f(student.f(x))" in visible
    assert "b = student.Box()" in visible
    assert visible.count("def twice") == 2, "a helper of an earlier cell comes along"
    assert files["solution.py"].count("### BEGIN SOLUTION") == 2


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("assert f(1) == g(1)", "nothing binds g"),
        ("f(1)", "nothing is asserted"),
        ("assert 1 == 1", "this check calls no function of students"),
        ("assert list(map(f, [1])) == [1]", "f cannot be handed on"),
        ("import keras\nassert f(1) == keras.ops.abs(1)", "a check cannot use keras"),
        ("assert f(1) == len(read())", "a file is read"),
        ("assert f(1", "these tests cannot be read"),
    ],
)
def test_what_cannot_be_taken_over_is_left_to_do(
    taken: Callable[..., dict[str, str]], code: str, told: str
) -> None:
    helper = cell("code", "def read():\n    return open('words.txt').read()")
    files = taken(helper, solution("def f(x):\n    return x"), checked(code))
    todo = [line for line in files["visible.py"].splitlines() if line.startswith("# TODO: ")]
    assert any(told in line for line in todo), files["visible.py"]
    assert "a file is read: make a data set" in files["solution.py"]


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        ("assert_equal(f(1), 1)", "assert student.f(1) == 1, "),
        ("assert_equal(f(1), 1, 'a hint')", "assert student.f(1) == 1, 'a hint'"),
        ("assert_true(f(1))", "assert student.f(1), "),
        ("assert_false(f(0))", "assert not student.f(0), "),
        ("f(1) == 1", "assert student.f(1) == 1, "),
    ],
)
def test_the_functions_of_test_libraries_become_asserts(
    taken: Callable[..., dict[str, str]], code: str, becomes: str
) -> None:
    first = "from nose.tools import *\n"
    assert (
        becomes in taken(solution("def f(x):\n    return x"), checked(first + code))["visible.py"]
    )


def test_a_hidden_assert_without_message_does_not_tell_itself(
    taken: Callable[..., dict[str, str]],
) -> None:
    code = "### BEGIN HIDDEN TESTS\nassert f(4711) == 4711\n### END HIDDEN TESTS"
    files = taken(solution("def f(x):\n    return x"), checked(code))
    line = next(line for line in files["hidden.py"].splitlines() if "4711" in line)
    assert line.partition(", ")[2].count("4711") == 0
    assert "4711" not in files["visible.py"] + files["solution.py"]


def test_a_solution_never_lies_outside_of_its_markers(
    taken: Callable[..., dict[str, str]], course: Root
) -> None:
    taken(
        solution(
            "secret = 41 + 1\ntext = '''one\n  two'''\n\ndef f(x): return 1729 * x\n\n"
            "class Box:\n    def get(self): return 6174"
        ),
        solution("def g(x):\n    ### BEGIN SOLUTION\n    return y * x\n    ### END SOLUTION"),
        solution("%timeit 3\nplot = 99991"),
        checked("assert f(1) and g(1)"),
    )
    shown = release.notebook_bytes(course.exercise("taken")).decode()
    for number in ("41", "two", "1729", "6174", "99991", "y * x"):
        assert number not in shown


REFUSED = {
    "no file": (None, "cannot be read"),
    "empty": (b"", "empty"),
    "no JSON": (b"{", "breaks off"),
    "no notebook": (b"[1]", "no list of cells"),
    "a web page": (b"<html>", "web page"),
    "nbformat 3": (
        json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": "1"}]}]}).encode(),
        "nbformat 4",
    ),
    "without solutions": (
        json.dumps({"cells": [cell("code", "x = 1")]}).encode(),
        "has no solution",
    ),
}


@pytest.mark.parametrize(("data", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_is_no_such_notebook_is_refused_with_a_sentence(
    course: Root, tmp_path: Path, data: bytes | None, told: str
) -> None:
    path = tmp_path / "source.ipynb"
    if data is not None:
        path.write_bytes(data)
    code, output = call("new", "taken", "--from", str(path), "--root", str(course.path))
    assert code == 2
    assert told in " ".join(output.split())
    assert course.names() == ()


@pytest.mark.parametrize("terms", [100, 3000, 30_000])
def test_code_that_is_nested_too_deep_is_left_to_do(
    taken: Callable[..., dict[str, str]], terms: int
) -> None:
    code = "assert f(1) == " + "+".join("1" * terms)
    visible = taken(solution("def f(x):\n    return x"), checked(code))["visible.py"]
    assert ("assert student.f(1) == 1 + 1" in visible) != ("these tests cannot be read" in visible)


def test_a_notebook_or_a_kind(course: Root) -> None:
    arguments = ("--from", str(NOTEBOOKS[0]), "--like", "model", "--root", str(course.path))
    code, output = call("new", "taken", *arguments)
    assert code == 2
    assert "exclude each other" in output


SCRAPS = st.lists(
    st.sampled_from(
        [
            *("def f(x):", "    return x", "    ### BEGIN SOLUTION", "    ### END SOLUTION"),
            *("### BEGIN SOLUTION", "### END SOLUTION", "x = 1  # SOLUTION", "class A:", "@f"),
            *("# %% id='a'", "%magic", '"""', "assert f(1) == 1", "f(", "\tf", "import keras"),
            *("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS", "# HIDDEN", "pass", "ä\0\ud800"),
            *("# BEGIN TESTS", "# END TESTS", "# BEGIN QUESTION", "points: 3", "x, y = f(x)"),
        ]
    ),
    max_size=6,
).map("\n".join)
ANY = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=5)
    | st.floats()
    | st.just("\ud800")
)
CELLS = st.lists(
    st.builds(
        lambda kind, source, grading, outputs: {
            "cell_type": kind,
            "source": source,
            "metadata": {"nbgrader": grading},
            "outputs": outputs,
        },
        st.sampled_from(["code", "code", "markdown", "raw", "other"]),
        SCRAPS | SCRAPS.map(lambda text: text.splitlines(keepends=True)) | ANY,
        st.dictionaries(
            st.sampled_from(["solution", "grade", "points", "grade_id", "task"]), ANY, max_size=5
        )
        | ANY,
        st.lists(st.dictionaries(st.sampled_from(["data", "output_type"]), ANY)) | ANY,
    )
    | ANY,
    max_size=6,
)


@settings(max_examples=150)
@given(CELLS)
def test_an_odd_notebook_is_taken_apart_or_refused(
    tmp_path_factory: pytest.TempPathFactory, cells: list[Any]
) -> None:
    root = tmp_path_factory.mktemp("odd")
    path = root / "source.ipynb"
    path.write_text(json.dumps({"cells": cells}), "utf-8")
    try:
        written = take_over(Root(root), "taken", path)
    except CannotBegin:
        assert not (root / "solutions").exists()
        return
    for file in written:
        if file.suffix == ".py" and file.name != "solution.py":
            ast.parse(file.read_bytes())


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [NBGRADER, OTTER])
def test_what_was_taken_over_is_green_at_once(course: Root, name: str) -> None:
    root = ("--root", str(course.path))
    assert call("new", name, "--from", str(HERE / f"{name}.ipynb"), *root)[0] == 0
    code, output = call("try", name, "--workers", "2", *root)
    assert code == 0, output
    assert "3 answers, 0 not as they must be" in output
