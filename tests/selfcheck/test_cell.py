"""`from autograder import check` in real kernels: Jupyter's, nbgrader's validate and autograde."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade
from nbgrader.validator import Validator

from autograder.authoring.stub import STUB
from autograder.commands.package_run import run as package

CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "plain"
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("YOUR CODE HERE")'}
c.Execute.timeout = 200
"""

CELLS = {
    "missing": """
from autograder import check
check("test_shape")
""",
    "functions": """
import logging, os, random, sys, warnings
import keras, numpy as np, tensorflow as tf
log = logging.getLogger("theirs")
log.addHandler(logging.StreamHandler(sys.stderr))
calls = 0
def scale(values):
    global calls, left_behind
    calls += 1
    left_behind = True
    print("to stderr", file=sys.stderr)
    warnings.warn("to stderr")
    log.warning("to stderr")
    os.write(2, b"to stderr, from below")
    random.random(), np.random.random(), keras.random.normal(()), tf.random.normal(())
    return values / values.max()
""",
    "draws": """
def draws():
    return [random.random(), np.random.random(), float(keras.random.normal(())),
            float(tf.random.normal(()))]
keras.utils.set_random_seed(3)
before = [draws(), draws()]
keras.utils.set_random_seed(3)
after = [draws()]
""",
    "full": 'check("test_scale")',
    "unspoilt": """
after += [draws()]
assert after == before, (after, before)
assert calls == 0 and "left_behind" not in globals()
assert "PYTEST_DISABLE_PLUGIN_AUTOLOAD" not in os.environ
log.warning("heard again")
""",
    "partial": """
def scale(values):
    return np.array([0.25, 0.5, 9.0])
check("test_scale")
""",
    "crash": """
def scale(values):
    return values.no_such_thing
check("test_scale")
""",
    "hidden": 'check("test_prediction")',
    "validated": """
os.environ["NBGRADER_EXECUTION"] = "validate"
check("test_prediction")
""",
    "autograded": """
os.environ["NBGRADER_EXECUTION"] = "autograde"
check("test_prediction")
""",
    "elsewhere, autograded": """
os.mkdir("empty")
os.chdir("empty")
check("test_scale")
""",
    "elsewhere": """
del os.environ["NBGRADER_EXECUTION"]
check("test_scale")
""",
}


@pytest.fixture(scope="module")
def course(toy_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An nbgrader course with the toy exercise generated, and without our plug-in."""
    with pytest.MonkeyPatch.context() as patch:
        # A kernel that is started from a test leaves its stderr alone, one of Jupyter's does not.
        patch.delenv("PYTEST_CURRENT_TEST")
        # Where nbgrader looks for alembic.
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        folder = tmp_path_factory.mktemp("nbgrader") / "plain"
        package(("line",), folder, toy_course, None)
        (folder / "nbgrader_config.py").write_text(CONFIG)
        nbgrader(folder, "generate_assignment", "line")
        yield folder


def nbgrader(course: Path, *arguments: str) -> str:
    """Run a real command of nbgrader's and return what it logs."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def submit(course: Path, student: str, *, solved: bool) -> Path:
    """Hand in the released notebook, untouched or with the reference's answers in it."""
    folder = course / "submitted" / student / "line"
    shutil.copytree(course / "release" / "line", folder)
    path = folder / "line.ipynb"
    nb = nbformat.read(path, as_version=4)
    reference = nbformat.read(course / "source" / "line" / "line.ipynb", as_version=4)
    for cell, original in zip(nb.cells, reference.cells, strict=True):
        if solved and STUB in cell.source:
            cell.source = original.source
    nbformat.write(nb, path)
    return path


@pytest.fixture(scope="module")
def shown(course: Path) -> dict[str, NotebookNode]:
    """The cells of CELLS after a run in a kernel of Jupyter's, beside the released files."""
    folder = course.parent / "student"
    shutil.copytree(course / "release" / "line", folder)
    nb = new_notebook(cells=[new_code_cell(source) for source in CELLS.values()])
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(nb, timeout=200, allow_errors=True, resources=resources).execute()
    return dict(zip(CELLS, nb.cells, strict=True))


def kinds(cell: NotebookNode) -> list[str]:
    """The kinds of a cell's outputs, streams by name."""
    return [output.get("name", output.output_type) for output in cell.outputs]


@pytest.mark.slow
def test_all_points_are_printed_and_nothing_is_returned(shown: dict[str, NotebookNode]) -> None:
    assert kinds(shown["full"]) == ["stdout"]  # whatever the student's code writes to stderr
    text = shown["full"].outputs[0].text
    assert text == "✓ Values are divided by the largest\n2 of 2 points\n"


@pytest.mark.slow
def test_a_check_leaves_generators_variables_and_logging_alone(
    shown: dict[str, NotebookNode],
) -> None:
    assert kinds(shown["unspoilt"]) == ["stderr"], shown["unspoilt"].outputs
    assert shown["unspoilt"].outputs[0].text == "heard again\n"


@pytest.mark.slow
def test_a_part_of_the_points_is_a_plain_number(shown: dict[str, NotebookNode]) -> None:
    assert kinds(shown["partial"]) == ["stdout", "execute_result"]
    stream, result = shown["partial"].outputs
    assert stream.text.endswith("1.33 of 2 points\n  not every value is right\n")
    assert result.data["text/plain"] == "1.33"
    shown["partial"].metadata.nbgrader = NotebookNode(grade=True, solution=False, points=2)
    assert determine_grade(shown["partial"]) == (1.33, 2.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("missing", "There is no function `build_model`"),
        ("crash", "`scale` raised AttributeError"),
    ],
)
def test_no_points_are_an_error_of_one_paragraph(
    cell: str, hint: str, shown: dict[str, NotebookNode]
) -> None:
    assert kinds(shown[cell]) == ["stdout", "error"]
    error = shown[cell].outputs[1]
    assert error.ename == "CheckFailed"
    assert error.evalue.startswith(hint)
    assert error.traceback == [f"CheckFailed: {error.evalue}"]


@pytest.mark.slow
def test_a_hidden_check_is_quiet_but_where_silence_is_points(
    shown: dict[str, NotebookNode],
) -> None:
    assert shown["hidden"].outputs[0].text == "test_prediction runs after you have handed in.\n"
    assert kinds(shown["hidden"]) == ["stdout"]
    assert kinds(shown["validated"]) == []
    (error,) = shown["autograded"].outputs
    assert error.ename == "CheckNotRun"
    assert "autograder.nbgrader.config import configure" in error.evalue


@pytest.mark.slow
def test_checks_that_are_not_there_are_told(shown: dict[str, NotebookNode]) -> None:
    (error,) = shown["elsewhere, autograded"].outputs
    assert error.ename == "CheckNotRun"
    assert kinds(shown["elsewhere"]) == ["stdout"]
    assert "there is no visible.py in" in shown["elsewhere"].outputs[0].text


@pytest.mark.slow
def test_a_plain_nbgrader_gives_the_visible_points_and_none_for_hidden_checks(
    course: Path,
) -> None:
    submit(course, "all", solved=True)
    submit(course, "none", solved=False)
    nbgrader(course, "autograde", "line")
    points = {}
    with Gradebook(f"sqlite:///{course}/gradebook.db", "plain") as gradebook:
        for student in ("all", "none"):
            found = gradebook.find_submission_notebook("line", "line", student)
            assert not found.needs_manual_grade
            points[student] = {grade.name: grade.auto_score for grade in found.grades}
    nothing = dict.fromkeys(("test_scale", "test_shape", "test_prediction", "test_fragile"), 0.0)
    assert points["none"] == nothing
    assert points["all"] == nothing | {"test_scale": 2.0, "test_shape": 1.0}
    graded = nbformat.read(course / "autograded" / "all" / "line" / "line.ipynb", as_version=4)
    assert graded.cells[-1].outputs[0].ename == "CheckNotRun"


@pytest.mark.slow
@pytest.mark.parametrize(("solved", "failing"), [(True, []), (False, ["test_scale", "test_shape"])])
def test_nbgrader_validate_tells_the_visible_checks(
    solved: bool, failing: list[str], course: Path
) -> None:
    path = submit(course, f"validates-{solved}", solved=solved)
    found = Validator().validate(str(path)).get("failed", [])
    assert [one["source"].split('"')[-2] for one in found] == failing
    assert all("is not written yet" in one["raw_error"] for one in found)


def test_in_a_graders_own_worker_it_does_nothing() -> None:
    code = (
        "from autograder.worker.notebook_shell import NotebookShell\n"
        "shell = NotebookShell.instance()\n"
        "assert shell.run('from autograder import check\\ncheck(\"test_scale\")') is None\n"
        "assert shell.run('check(1 / 0)') is not None\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_outside_of_a_notebook_it_says_so() -> None:
    # In a process of its own: tests that check in this one leave IPython's shell behind.
    code = "import autograder; autograder.check('test_scale')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert re.search(r"CheckNotRun: .* of a notebook", done.stderr)
