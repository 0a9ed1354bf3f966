"""Grading end to end on a small course: honest, wrong, odd and hostile submissions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.course import Course
from autograder.course.datasets import DEMO_KEY
from autograder.grading.grading import history_note
from autograder.grading.scorer import Scorer
from autograder.grading.task import Task
from autograder.result import Check, Outcome, Result, Status
from autograder.sandbox.probe import Isolation
from autograder.sandbox.spawn import Station

pytestmark = pytest.mark.slow

GOOD_SCALE = "def scale(values):\n    return values / values.max()\n"
GOOD_MODEL = """
import keras
def build_model(x_train):
    return keras.Sequential([keras.layers.Rescaling(1e-6), keras.layers.Dense(1)])
"""
GOOD = GOOD_SCALE + GOOD_MODEL
Grade = Callable[[str], Result]


@pytest.fixture(scope="module")
def scorer(warm: Station, toy_course: Path) -> Iterator[Scorer]:
    """Grades for the toy course."""
    with Scorer(Course(toy_course, DEMO_KEY), warm) as started:
        yield started


@pytest.fixture
def grade(scorer: Scorer) -> Grade:
    """A function that grades the source of a script."""
    return lambda source: scorer.score(task(source))


def task(source: str) -> Task:
    """Return the source of a script as Ada's answer."""
    return Task(exercise="line", content=source.encode(), suffix=".py", model=b"", student="ada")


def _outcomes(result: Result) -> dict[str, Outcome]:
    return {check.id.removeprefix("test_"): check.outcome for check in result.checks}


def _message(result: Result, check: str) -> str:
    return next(c.message for c in result.checks if c.id == f"test_{check}")


def test_modules_of_the_students_own_lie_beside_the_answer(scorer: Scorer) -> None:
    modules = {"line_utils.py": GOOD_SCALE.encode(), "tools/net.py": GOOD_MODEL.encode()}
    source = "from line_utils import scale\nfrom tools.net import build_model\n"
    result = scorer.score(replace(task(source), helpers=modules))
    assert (result.status, result.score) == (Status.GRADED, 7.0), result
    without = scorer.score(task(source))
    assert without.score < 7.0


def test_an_honest_answer_earns_everything(grade: Grade) -> None:
    result = grade(GOOD)
    assert (result.status, result.score, result.max_score) == (Status.GRADED, 7.0, 7.0), result


def test_an_untouched_stub_is_not_attempted(grade: Grade) -> None:
    stub = "    raise NotImplementedError('YOUR CODE HERE')\n"
    result = grade(f"def scale(values):\n{stub}def build_model(x_train):\n{stub}")
    assert set(_outcomes(result).values()) == {Outcome.NOT_ATTEMPTED}
    assert result.score == 0


def test_another_not_implemented_error_is_a_crash(grade: Grade) -> None:
    result = grade(
        GOOD_SCALE + "import keras\nclass Odd(keras.layers.Layer): pass\n"
        "def build_model(x_train):\n    return keras.Sequential([keras.Input((7,)), Odd()])\n"
    )
    assert _outcomes(result)["scale"] is Outcome.PASSED
    assert _outcomes(result)["shape"] in (Outcome.CRASHED, Outcome.REFUSED_MODEL)


def test_part_of_a_check_earns_part_of_its_points(grade: Grade) -> None:
    result = grade("import numpy as np\ndef scale(v):\n    return np.array([0.25, 0.5, 9.0])\n")
    scale = result.checks[0]
    assert scale.outcome is Outcome.PARTIAL
    assert scale.points == pytest.approx(2 * 2 / 3, abs=0.01)
    assert scale.message == "not every value is right"


@pytest.mark.parametrize(
    ("body", "outcome", "words"),
    [
        ("return None", Outcome.FAILED, "an array is expected"),
        ("return float('nan')", Outcome.FAILED, "an array is expected"),
        ("return [[1], [2, 3]]", Outcome.FAILED, "an array is expected"),
        ("return object()", Outcome.FAILED, "an array is expected"),
        ("return 1 / 0", Outcome.CRASHED, "`scale` raised ZeroDivisionError: "),
        ("raise SystemExit(0)", Outcome.CRASHED, "`scale` raised SystemExit"),
        ("raise KeyboardInterrupt", Outcome.CRASHED, "`scale` raised KeyboardInterrupt"),
        ("import os; os._exit(0)", Outcome.CRASHED, "ended the whole Python process"),
        ("while True: pass", Outcome.TIMED_OUT, "took too long"),
        ("x = [b'x' * 10**6 * i for i in range(10**6)]", Outcome.OUT_OF_MEMORY, "memory"),
        ("print('x' * 10**8)", Outcome.LIMIT, "printed too much"),
        (
            "global f; import os; f = open('u', 'wb'); os.unlink('u')\n"
            "    for _ in range(600): f.write(b'x' * 2**20)\n"
            "    return values",
            Outcome.LIMIT,
            "wrote too many files",
        ),
        ("import socket; socket.create_connection(('127.0.0.1', 80))", Outcome.BLOCKED, "network"),
        ("import keras; keras.datasets.mnist.load_data()", Outcome.BLOCKED, "network"),
        ("import os; os.fork()", Outcome.BLOCKED, "closed while grading"),
    ],
)
def test_what_a_function_does_costs_its_checks_only(
    grade: Grade, body: str, outcome: Outcome, words: str
) -> None:
    result = grade(f"def scale(values):\n    {body}\n" + GOOD_MODEL)
    outcomes = _outcomes(result)
    assert result.status is Status.GRADED
    assert outcomes["scale"] is outcome, _message(result, "scale")
    assert words in _message(result, "scale")
    assert outcomes["shape"] is outcomes["prediction"] is Outcome.PASSED
    assert result.score == 4.0


def test_an_odd_value_that_breaks_a_check_is_a_failed_check(grade: Grade) -> None:
    result = grade("def scale(values):\n    return 5\n" + GOOD_MODEL)
    assert result.status is Status.GRADED
    assert _outcomes(result)["fragile"] is Outcome.FAILED
    assert "could not make sense" in _message(result, "fragile")


def test_a_check_that_fails_on_the_reference_too_is_our_fault(
    warm: Station, edited_course: Callable[..., Path]
) -> None:
    root = edited_course(("hidden.py", "assert got[1] == 1.0", "assert undefined_name"))
    with Scorer(Course(root, DEMO_KEY), warm) as scorer:
        result = scorer.score(task(GOOD))
    assert result.status is Status.GRADER_ERROR
    assert _outcomes(result)["fragile"] is Outcome.GRADER_ERROR


FULL = "[Errno 28] No space left on device"


@pytest.mark.parametrize(
    "code",
    [
        f"def scale(values):\n    raise OSError(28, '{FULL[11:]}')\n",
        f"raise OSError(28, '{FULL[11:]}')\ndef scale(values):\n    return values\n",
    ],
    ids=["in a function", "in a cell"],
)
def test_a_disk_that_is_full_for_a_student_within_the_limit_is_our_fault(
    grade: Grade, code: str
) -> None:
    result = grade(code + GOOD_MODEL)
    assert result.status is Status.GRADER_ERROR
    assert FULL in result.evidence


def test_where_code_could_get_out_every_result_says_so(warm: Station, toy_course: Path) -> None:
    weak = Isolation({"read_secret": False}, landlock=0, seccomp=True, namespaces=False)
    with Scorer(Course(toy_course, DEMO_KEY), warm, weak) as scorer:
        result = scorer.score(task(GOOD))
    assert result.score == 7.0
    assert result.notes[-1] == "Graded with weak isolation: student code could have got out."
    assert result.isolation == "no Landlock, seccomp, no namespaces; OPEN: read_secret"


def test_a_missing_function_is_said_by_name(grade: Grade) -> None:
    result = grade("def scales(values):\n    return values\n" + GOOD_MODEL)
    assert "There is no function `scale`" in _message(result, "scale")


def test_wrong_return_types_are_named(grade: Grade) -> None:
    result = grade(GOOD_SCALE + "def build_model(x_train):\n    pass\n")
    assert "None" in _message(result, "shape")
    assert "return" in _message(result, "shape")


def test_failing_and_slow_cells_lose_nothing(grade: Grade) -> None:
    cells = (
        "# %%\nimport nonexistent_package\n# %%\nprint(undefined)\n"
        f"# %%\n!pip install x\n%matplotlib inline\n{GOOD_SCALE}"
        "# %%\nwhile True: pass\n"
        f"# %%\n{GOOD_MODEL}# %%\nthis is no python\n"
    )
    result = grade(cells)
    assert result.score == 7.0, result
    assert any("Code cell 1 raised ModuleNotFoundError" in note for note in result.notes)
    assert any("took too long" in note for note in result.notes)


def test_a_cell_that_kills_the_worker_costs_only_itself(grade: Grade) -> None:
    result = grade(f"# %%\n{GOOD}\n# %%\nimport os; os._exit(1)\n")
    assert result.score == 7.0, result
    assert any("Only the definitions" in note for note in result.notes)


def test_grading_twice_says_the_same(grade: Grade) -> None:
    source = (
        "import numpy as np, random\n"
        "def scale(values):\n"
        "    raise ValueError(f'{np.random.rand()} {random.Random().random()}')\n"
    )
    first, second = grade(source), grade(source)
    assert [c.message for c in first.checks] == [c.message for c in second.checks]


@pytest.mark.parametrize(
    "attack",
    [
        "import numpy as np; np.isfinite = lambda *a: np.array(True)",
        "import builtins; builtins.isinstance = lambda *a: True",
        "import sys; sys.modules['autograder.proxies.responses'] = None",
        "import keras; keras.Model.predict = lambda self, x: x",
        "import keras; keras.Model.count_params = lambda self: 1",
        "open('conftest.py', 'w').write('import pytest')",
        'print(\'{"score": 7, "outcome": "passed"}\')',
        "import pytest, autograder.checks.marking; autograder.checks.award = lambda *a: None",
    ],
)
def test_patching_the_process_earns_nothing(grade: Grade, attack: str) -> None:
    wrong = (
        "def scale(values):\n    return values * 2\n"
        "import keras\n"
        "def build_model(x_train):\n"
        "    return keras.Sequential([keras.Input((7,)), keras.layers.Dense(3)])\n"
    )
    result = grade(f"# %%\n{wrong}\n# %%\n{attack}\n")
    assert _outcomes(result)["scale"] is not Outcome.PASSED
    assert _outcomes(result)["shape"] is not Outcome.PASSED
    assert _outcomes(result)["fragile"] is not Outcome.PASSED


def test_a_call_may_take_a_multiple_of_the_references_time(
    warm: Station, edited_course: Callable[..., Path]
) -> None:
    slow = (
        "from time import process_time\n    end = process_time() + {}\n"
        "    while process_time() < end: pass\n    "
    )
    root = edited_course(
        ("exercise.toml", "call_seconds = 4.0", "call_seconds = 0.5"),
        ("solution.py", "    return values", f"    {slow.format(1)}return values"),
    )
    with Scorer(Course(root, DEMO_KEY), warm) as scorer:

        def scale(before: str) -> Check:
            source = GOOD_SCALE.replace("return", f"{before}return")
            return scorer.score(task(source)).checks[0]

        assert scale(slow.format(3)).outcome is Outcome.PASSED
        endless = scale("while True: pass\n    ")
        assert endless.outcome is Outcome.TIMED_OUT
        assert "0.5 seconds of processor time, or 15 times what the" in endless.message
        assert scale("import time; time.sleep(2)\n    ").outcome is Outcome.PASSED


def test_hidden_checks_and_neighbours_cannot_be_read(grade: Grade, toy_course: Path) -> None:
    hidden = toy_course / "solutions" / "line" / "hidden.py"
    result = grade(f"def scale(values):\n    return open({str(hidden)!r}).read()\n{GOOD_MODEL}")
    assert _outcomes(result)["scale"] in (Outcome.BLOCKED, Outcome.CRASHED)
    walked = grade(
        "import os\ndef scale(values):\n"
        "    found = [f for d, _, fs in os.walk('/') for f in fs if f == 'hidden.py']\n"
        "    raise ValueError(f'found {found}')\n"
    )
    assert "found []" in _message(walked, "scale")


def test_a_model_that_looks_at_its_neighbours_in_the_batch_is_found_out(grade: Grade) -> None:
    result = grade(
        GOOD_SCALE + "import keras\nfrom keras import ops\n"
        "def build_model(x_train):\n"
        "    x = keras.Input((7,))\n"
        "    return keras.Model(x, keras.layers.Dense(1)(x - ops.mean(x, axis=0)))\n"
    )
    assert _outcomes(result)["prediction"] is Outcome.FAILED
    assert "depends on the other rows" in _message(result, "prediction")


def test_odd_folders_are_never_the_graders_fault(grade: Grade) -> None:
    deep = "    import os\n    for _ in range(1500): os.mkdir('d'); os.chdir('d')\n"
    result = grade(f"def scale(values):\n{deep}    return values\n{GOOD_MODEL}")
    assert result.status is Status.GRADED, result.evidence
    assert _outcomes(result)["scale"] is not Outcome.PASSED
    assert _outcomes(result)["shape"] is Outcome.PASSED


def test_a_name_that_keras_refuses_does_not_spoil_later_calls(grade: Grade) -> None:
    result = grade(
        "import keras\n"
        "def scale(values):\n"
        "    try:\n"
        "        keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)], name='a b')(values)\n"
        "    except ValueError:\n"
        "        pass\n"
        "    return values / values.max()\n" + GOOD_MODEL
    )
    assert result.score == 7.0, result


def test_a_missing_function_points_to_the_syntax_error(grade: Grade) -> None:
    result = grade(f"# %%\n{GOOD_MODEL}\n# %%\ndef scale(values)\n    return values\n")
    assert "code cell 2, which has a syntax error" in _message(result, "scale")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads the code")
def test_a_missing_function_names_the_python_that_would_read_it(grade: Grade) -> None:
    script = 'def scale(values):\n    print(f"{len("abc")}")\n    return values\n'
    result = grade(f"# %%\n{GOOD_MODEL}\n# %%\n{script}")
    for text in (_message(result, "scale"), *result.notes):
        assert "Python 3.12 accepts this, the grader runs Python 3.11" in text


def test_what_train_reports_is_shown_and_not_believed() -> None:
    note = history_note({"loss": [2.0, 1.0, 0.5], "odd": ["a"], "empty": [], "flag": True})
    assert "loss 2 → 0.5" in note
    assert "odd" not in note
    assert history_note(None) == history_note({}) == history_note([1, 2]) == ""
