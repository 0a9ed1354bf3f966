"""A threshold that is measured or declared in vain is told before anything is graded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.authoring import lint
from autograder.course.exercise import Root

TOML = """data = ["cars"]

[thresholds.size]
better = "lower"
what = "mean size"
value = 2.0
"""
CHECK = '''

@points(1)
def test_size(model, cars, thresholds):
    """Predictions are small"""
    assert thresholds.measure("size", 1.0).met, "too large"
'''
KIT = """import numpy as np

from autograder import expect
from autograder.checks.trained_model import Error, TrainedModel, Words, reflected

pytest_plugins = ["autograder.checks.trained_model.fixtures"]

exercise = TrainedModel(
    data="cars",
    input_shape=(7,),
    output_shape=(1,),
    metric=Error(expect.mean_absolute_error),
    constant=np.median,
    relabelled=reflected,
    words=Words(rows="cars", targets="prices", takes="", returns="", relabelled=""),
)
"""
KIT_CHECKS = '''"""Checks."""

from autograder.checks.trained_model import model_on_unseen

test_model = model_on_unseen(points=1)
'''
KIT_NAMES = ("unseen_error", "relabelled_error", "training_error")


def tables(*names: str) -> str:
    return 'data = ["cars"]\n' + "".join(
        f'[thresholds.{name}]\nbetter = "lower"\nwhat = "x"\nvalue = 1.0\n' for name in names
    )


@pytest.fixture
def told(edited_course: Callable[..., Path]) -> Callable[..., list[str]]:
    """A function of files and their texts: the faults of `line` with these files."""
    root = edited_course()
    line = root / "solutions" / "line"
    hidden = (line / "hidden.py").read_text("utf-8")
    for answer in (line / "wrong").glob("*.py"):
        answer.unlink()

    def faults(toml: str, check: str = "", **files: str) -> list[str]:
        texts = {"exercise.toml": toml, "hidden.py": hidden + check}
        for name, text in (texts | {f"{name}.py": text for name, text in files.items()}).items():
            (line / name).write_text(text, "utf-8")
        return lint.faults(Root(root).exercise("line"))

    return faults


def test_a_threshold_that_is_measured_and_declared_has_no_fault(
    told: Callable[..., list[str]],
) -> None:
    assert told(TOML, CHECK) == []


@pytest.mark.parametrize(
    "use",
    [
        'thresholds.measure("sise", 1.0)',
        'thresholds["sise"]',
        'thresholds.measure(name="sise", value=1.0)',
    ],
)
def test_a_threshold_that_is_not_declared_is_told_with_its_line(
    told: Callable[..., list[str]], use: str
) -> None:
    fault = told(TOML, CHECK + f"    assert {use}, 'a hint'\n")[0]
    assert "hidden.py:26: there is no threshold 'sise'; " in fault
    assert "exercise.toml declares: size. Did you mean 'size'?" in fault
    assert "[thresholds.sise]" in fault


def test_a_threshold_that_no_check_measures_is_told(told: Callable[..., list[str]]) -> None:
    baseline = '    thresholds.baseline("finite", "nothing", 0.0)\n'
    (fault,) = told(TOML + tables("finite")[15:], CHECK + baseline)
    assert "exercise.toml: no check measures the threshold 'finite'; measured: size." in fault
    (fault,) = told(TOML)
    assert "no check measures the threshold 'size'; measured: none." in fault


@pytest.mark.parametrize(
    "use",
    [
        "    for name in ('si' 'ze', 'finite'):\n        thresholds.measure(name, 1.0)\n",
        "    helper(thresholds)\n",
        "    measure = thresholds.measure\n",
        "    request.getfixturevalue('thresholds')\n",
    ],
    ids=["a name that is computed", "other code", "another name", "a fixture by its name"],
)
def test_where_names_cannot_be_read_nothing_is_said(
    told: Callable[..., list[str]], use: str
) -> None:
    check = CHECK.replace("thresholds):", "thresholds, request):") + use
    assert told(TOML + tables("finite")[15:], check) == []


def test_a_variable_of_that_name_is_no_fixture(told: Callable[..., list[str]]) -> None:
    own = 'thresholds = {"low": 1}\n\n\ndef limit():\n    return thresholds["low"]\n'
    given = 'def limit(thresholds):\n    return thresholds["low"]\n'
    assert told('data = ["cars"]\n', f"\n\n{own}") == []
    assert told('data = ["cars"]\n', f"\n\n{given}") == []


@pytest.mark.parametrize("left_out", KIT_NAMES)
def test_the_thresholds_of_the_kit_must_be_declared(
    told: Callable[..., list[str]], left_out: str
) -> None:
    declared = [name for name in KIT_NAMES if name != left_out]
    kit = {"conftest": KIT, "visible": '"""None."""\n', "hidden": KIT_CHECKS}
    assert told(tables(*KIT_NAMES), **kit) == []
    (fault,) = told(tables(*declared), **kit)
    assert f"the usual checks measure the threshold {left_out!r}, which is not declared" in fault
    (fault,) = told(tables(*KIT_NAMES, "bend"), **kit)
    assert "no check measures the threshold 'bend'; measured: relabelled_error, trai" in fault


def test_an_author_who_replaces_the_training_decides_what_it_measures(
    told: Callable[..., list[str]],
) -> None:
    own = '''

@pytest.fixture(scope="session")
def run_training(thresholds):
    """Another training."""
    return lambda trainer, model: thresholds.measure("own_error", 1.0)
'''
    kit = {"visible": '"""None."""\n', "hidden": KIT_CHECKS}
    conftest = KIT.replace("import numpy as np\n", "import numpy as np\nimport pytest\n") + own
    assert told(tables(*KIT_NAMES[:2], "own_error"), conftest=conftest, **kit) == []
