"""A model at fault does not cost the points of `train`: the instructor's is tried as well."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autograder.checks.thresholds import Threshold, Thresholds
from autograder.runner.plugin import Fixtures, Shared, run_checks

LIMIT = Threshold("error", 1.0, "lower", noise=0.01)
CONFTEST = """
import pytest

pytest_plugins = ["autograder.checks.follow_through"]
built = []

def builds(name):
    def new():
        built.append(name)
        return name
    return new

@pytest.fixture(scope="session")
def student_model_student_train(): return {own}
@pytest.fixture(scope="session")
def training_run(request): return {training_run}
@pytest.fixture(scope="session")
def new_student_model(): return builds("own")
@pytest.fixture(scope="session")
def new_reference_model(): return {new_reference_model}
"""
CHECK = """
from autograder.checks.marking import points

@points(1)
def test_follows(on_either_model, thresholds, record):
    errors = {errors}
    tried = []
    def once(model):
        tried.append(model)
        return thresholds.measure("error", errors[model])
    record(on_either_model(once))
    assert False, " ".join(tried)
"""


class Steady:
    """A student whose results are the same under every seed."""

    @contextmanager
    def seeded(self, _seed: int) -> Any:
        yield


@pytest.mark.parametrize(
    ("errors", "run", "is_grading", "tried", "value"),
    [
        ({"own": 0.5}, "own", True, "own", 0.5),
        ({"own": 3.0, "reference": 0.5}, "own", True, "own reference", 0.5),
        ({"own": 3.0, "reference": 4.0}, "own", True, "own reference", 3.0),
        # A student's own check has no reference.
        ({"own": 3.0}, "own", False, "own", 3.0),
        # The student's model could not be trained.
        ({"reference": 0.5}, "reference", True, "reference", 0.5),
        # A miss near the limit is tried again.
        ({"own": 1.02, "reference": 0.5}, "own", True, "own own own reference", 0.5),
    ],
)
def test_which_models_are_tried(
    tmp_path: Path, errors: dict[str, float], run: str, is_grading: bool, tried: str, value: float
) -> None:
    own = 'request.getfixturevalue("student_model_student_train")'
    (tmp_path / "conftest.py").write_text(
        CONFTEST.format(
            own='"trained"',
            training_run=own if run == "own" else '"another"',
            new_reference_model='builds("reference")' if is_grading else None,
        )
    )
    (tmp_path / "visible.py").write_text(CHECK.format(errors=errors))
    shared = Shared(str, Thresholds([LIMIT]))
    given = Fixtures(Steady())  # type: ignore[arg-type]
    (check,) = run_checks([tmp_path / "visible.py"], shared, given)
    assert check.message == tried
    assert check.measures[0].value == value


LAYERS_CHANGED = """
import pytest
from autograder.expect.kept import LayersChanged

pytest_plugins = ["autograder.checks.follow_through"]

@pytest.fixture(scope="session")
def student_model_student_train(): raise {error}("layers")
@pytest.fixture(scope="session")
def new_reference_model(): return lambda: "reference"
@pytest.fixture(scope="session")
def reference_model_student_train(): raise AssertionError("tried again")
@pytest.fixture(scope="session")
def scored_student_model_student_train(student_model_student_train): pass
@pytest.fixture(scope="session")
def scored_reference_model_student_train(reference_model_student_train): pass
"""
ASKS_BOTH = """
from autograder.checks.marking import points

@points(1)
def test_training(training_run): pass

@points(1)
def test_score(scored_train): pass
"""


@pytest.mark.parametrize(
    ("error", "told"), [("LayersChanged", "layers"), ("AssertionError", "tried again")]
)
def test_a_train_that_changed_the_layers_reads_so(tmp_path: Path, error: str, told: str) -> None:
    (tmp_path / "conftest.py").write_text(LAYERS_CHANGED.format(error=error))
    (tmp_path / "visible.py").write_text(ASKS_BOTH)
    shared = Shared(str, Thresholds([LIMIT]))
    given = Fixtures(Steady())  # type: ignore[arg-type]
    checks = run_checks([tmp_path / "visible.py"], shared, given)
    assert [check.message for check in checks] == [told, told]
