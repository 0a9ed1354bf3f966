"""A pytest plug-in: nbgrader's own tests run with our preprocessors in place of nbgrader's.

PYTHONPATH=tests/nbgrader/upstream pytest -p sandboxed_nbgrader --pyargs nbgrader.tests...
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbgrader.preprocessors as theirs
import pytest
from nbgrader.converters import Autograde
from nbgrader.validator import Validator

from autograder.nbgrader.command_sandbox import ConfinedExecution
from autograder.nbgrader.execute import SandboxedExecute
from autograder.nbgrader.grades import SaveGrades
from autograder.nbgrader.restore import RestoreCells
from autograder.sandbox.launch import station

OURS = {theirs.Execute: SandboxedExecute, theirs.SaveAutoGrades: SaveGrades}


def _exchange(trait: Any, first: tuple[type, ...] = ()) -> None:
    listed = trait.default_args[0]
    trait.default_args = ([*first, *(OURS.get(one, one) for one in listed)],)


def pytest_configure() -> None:
    """Change the defaults before any test configures its own."""
    _exchange(Autograde.sanitize_preprocessors, (RestoreCells,))
    _exchange(Autograde.autograde_preprocessors)
    _exchange(Validator.preprocessors)


@pytest.fixture(scope="session", autouse=True)
def one_sandbox() -> Iterator[None]:
    """One sandbox for all tests: each command would start one of its own."""
    with station() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr(SandboxedExecute, "started", lambda *_: ConfinedExecution(place, None))
        yield
