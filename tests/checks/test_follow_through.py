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

def fresh(name):
    def new():
        built.append(name)
        return name
    return new

@pytest.fixture(scope="session")
def own_lesson(): return {own}
@pytest.fixture(scope="session")
def lesson(request): return {lesson}
@pytest.fixture(scope="session")
def fresh_model(): return fresh("own")
@pytest.fixture(scope="session")
def fresh_spare(): return {spare}
"""
CHECK = """
from autograder.checks.points import points

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
    ("errors", "lesson", "spare", "tried", "value"),
    [
        ({"own": 0.5}, "own", True, "own", 0.5),
        ({"own": 3.0, "spare": 0.5}, "own", True, "own spare", 0.5),
        ({"own": 3.0, "spare": 4.0}, "own", True, "own spare", 3.0),
        ({"own": 3.0}, "own", False, "own", 3.0),  # a student's own check has no spare
        ({"spare": 0.5}, "spare", True, "spare", 0.5),  # their own model could not be taught
        ({"own": 1.02, "spare": 0.5}, "own", True, "own own own spare", 0.5),  # near: tried again
    ],
)
def test_which_models_are_tried(
    tmp_path: Path, errors: dict[str, float], lesson: str, spare: bool, tried: str, value: float
) -> None:
    own = 'request.getfixturevalue("own_lesson")'
    (tmp_path / "conftest.py").write_text(
        CONFTEST.format(
            own='"taught"',
            lesson=own if lesson == "own" else '"another"',
            spare='fresh("spare")' if spare else None,
        )
    )
    (tmp_path / "visible.py").write_text(CHECK.format(errors=errors))
    shared = Shared(str, Thresholds([LIMIT]))
    given = Fixtures(Steady())  # type: ignore[arg-type]
    (check,) = run_checks([tmp_path / "visible.py"], shared, given)
    assert check.message == tried
    assert check.measures[0].value == value
