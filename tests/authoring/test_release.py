"""A release is the same bytes every time, and nothing of an answer is in it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring.release import (
    check_no_leak,
    files,
    leaked,
    require_current,
    secret_lines,
    stale,
    write_release,
)
from autograder.authoring.stub import STUB
from autograder.course.exercise import Exercise
from autograder.errors import ReleaseError
from autograder.notebooks import reader

GOLDEN = Path(__file__).parents[1] / "golden" / "release"
DATA = {"numbers.csv": b"a,b\n1,2\n"}


@pytest.fixture
def exercise(tmp_path: Path) -> Any:
    authored = tmp_path / "solutions" / "means"
    shutil.copytree(GOLDEN / "authored", authored)
    return Exercise("means", authored, tmp_path / "exercises" / "means")


@pytest.fixture
def authored(exercise: Any) -> Any:
    """Replace the solution by another text."""

    def write(text: Any) -> Any:
        exercise.solution.write_text(text, "utf-8")
        return exercise

    return write


def test_a_release_is_the_golden_folder_byte_for_byte(exercise: Any) -> None:
    paths = write_release(exercise, DATA)
    written = {path.name: path.read_bytes() for path in paths}
    golden = {path.name: path.read_bytes() for path in (GOLDEN / "released").iterdir()}
    assert written == golden


def test_the_notebook_is_valid_and_runs_as_stubs(exercise: Any) -> None:
    data = files(exercise)["means.ipynb"]
    nbformat.validate(nbformat.reads(data.decode(), as_version=4))
    read = reader.read(data, ".ipynb")
    assert (read.exercise, read.warnings) == ("means", ())
    answer = next(cell for cell in read.cells if cell.id == "answer")
    namespace: dict[str, Any] = {}
    exec(answer.source, namespace)
    with pytest.raises(NotImplementedError) as raised:
        namespace["mean_and_spread"]([1])
    assert raised.value.args == ("YOUR CODE HERE",)


def test_ids_stay_when_another_cell_changes(exercise: Any, authored: Any) -> None:
    before = reader.read(files(exercise)["means.ipynb"], ".ipynb").cells
    text = exercise.solution.read_text("utf-8")
    after_bytes = files(authored(text.replace("Try it:", "Try this:")))["means.ipynb"]
    after = reader.read(after_bytes, ".ipynb").cells
    changed = [a.source for b, a in zip(before, after, strict=True) if a.id != b.id]
    assert changed == ["Try this:"]


def test_like_cells_get_different_ids(authored: Any) -> None:
    data = files(authored(f"# %%\nx = 1\n# %%\nx = 1\n{ANSWER}"))["means.ipynb"]
    ids = [cell.id for cell in reader.read(data, ".ipynb").cells]
    assert ids[1] == f"{ids[0]}-2"
    assert ids[2] == "a"


def test_stale_names_what_differs(exercise: Any) -> None:
    assert sorted(stale(exercise, DATA)) == [
        "conftest.py: missing",
        "means.ipynb: missing",
        "numbers.csv: missing",
        "visible.py: missing",
    ]
    write_release(exercise, DATA)
    (exercise.released / "__pycache__").mkdir()
    (exercise.released / "__pycache__" / "visible.pyc").write_bytes(b"x")
    assert stale(exercise, DATA) == ()
    (exercise.released / "visible.py").write_text("changed")
    (exercise.released / "numbers.csv").unlink()
    (exercise.released / "notes.txt").write_text("mine")
    assert stale(exercise, DATA) == (
        "numbers.csv: missing",
        "visible.py: differs",
        "notes.txt: not written by release",
    )


def test_secrets_are_what_only_answers_and_hidden_checks_hold(exercise: Any) -> None:
    secrets = secret_lines(exercise)
    assert "squares = [(value - mean) ** 2 for value in values]" in secrets
    assert 'assert spread == 0.0, "equal numbers have no spread"' in secrets
    assert not any("import math" in line or "### BEGIN" in line for line in secrets)
    assert "def test_mean(student, golden_values):" not in secrets


@pytest.mark.parametrize("name", ["notes.md", "sub/copy.ipynb"])
def test_a_leak_is_found_wherever_it_is(exercise: Any, name: str) -> None:
    write_release(exercise, DATA)
    assert check_no_leak(exercise) == ()
    path = exercise.released / name
    path.parent.mkdir(exist_ok=True)
    text = '    assert spread == 0.0, "equal numbers have no spread"'
    escaped = text.replace('"', '\\"')
    path.write_text(f'{{"a": ["{escaped}"]}}' if name.endswith(".ipynb") else text)
    (problem,) = check_no_leak(exercise)
    assert problem.startswith(f"{name}: holds the line 'assert spread == 0.0")


def test_any_bytes_can_be_searched(exercise: Any) -> None:
    secrets = secret_lines(exercise)
    assert leaked(secrets, "a.ipynb", b"\xff{") == ()
    assert leaked(secrets, "a.bin", b"\xff\0 return number + number  # twice") == (
        "return number + number  # twice",
    )


@pytest.mark.parametrize("name", ["../up.csv", "/top.csv", "means.ipynb", ""])
def test_a_data_file_stays_in_the_folder(exercise: Any, name: str) -> None:
    with pytest.raises(ReleaseError, match="data file"):
        files(exercise, {name: b""})


BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
ANSWER = f'# %% id="a"\ndef f():\n    {BEGIN}\n    return 1\n    {END}\n'


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (["def f():", f"    {BEGIN}", "    return 1"], 3, "without '### END SOLUTION'"),
        (["def f():", "    return 1", f"    {END}"], 4, "without '### BEGIN SOLUTION'"),
        (["def f():", f"    {BEGIN}", f"    {BEGIN}", f"    {END}"], 4, "a second"),
        (["x = 0", BEGIN, "x = 1", END], 3, "not inside a function"),
        (["def f():", f"    {BEGIN} # 1", "    return 1"], 3, "not exactly"),
        (["def f():", "    # BEGIN SOLUTION", "    return 1"], 3, "not exactly"),
        (["def f():", f"    {BEGIN}", "    x = 1", f"    {END}", "    return x"], 6, "outside"),
        (["def f():", "    x = 1", f"    {BEGIN}", "    return x", f"    {END}"], 3, "outside"),
        (["def f():", f"    {BEGIN}", "    return 1", END], 5, "not indented"),
        (["def f(:", "    pass"], 2, "syntax error"),
        (["def f():", f"    {BEGIN}", f"    {END}", "    x = 1"], 5, "outside"),
        (["x = 1", "# %% [markdown]", "# ### BEGIN SOLUTION"], 4, "without"),
    ],
)
def test_errors_name_file_and_line(
    authored: Any, lines: list[Any], line: int, message: str
) -> None:
    exercise = authored("\n".join(["# %%", *lines]))
    with pytest.raises(ReleaseError) as raised:
        files(exercise)
    assert message in str(raised.value)
    assert f"solution.py:{line}:" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "nothing to fill in"),
        ("", "the file is empty"),
        (f'# %% id="a"\nx = 1\n{ANSWER}', 'two cells have id="a"'),
        (f"def f():\n    {STUB}", "nothing to fill in"),
    ],
)
def test_a_solution_that_is_no_exercise_is_refused(authored: Any, text: str, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        files(authored(text))


def test_a_release_that_is_out_of_date_is_refused_and_blames_no_student(exercise: Any) -> None:
    write_release(exercise, DATA)
    require_current(exercise.released)
    (exercise.released / "numbers.csv").write_bytes(b"other rows, of a course's own key")
    require_current(exercise.released)
    exercise.visible.write_text(exercise.visible.read_text("utf-8") + "# more\n", "utf-8")
    with pytest.raises(ReleaseError, match=r"visible\.py differs .* Run: autograder release means"):
        require_current(exercise.released)


def test_a_released_folder_without_its_course_is_current(exercise: Any, tmp_path: Path) -> None:
    write_release(exercise, DATA)
    shutil.copytree(exercise.released, tmp_path / "home" / "exercises" / "means")
    (tmp_path / "home" / "exercises" / "means" / "visible.py").write_text("# older\n")
    require_current(tmp_path / "home" / "exercises" / "means")
