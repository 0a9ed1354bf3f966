"""Runs one visible check in a notebook's own kernel: what `autograder.check` does.

For students before they hand in, and for an nbgrader without our plug-in, which takes an error or
anything on stderr for no points, a number for that many points, and no output for all points.
Nothing is confined here. Each check is a session of its own: a check of a trained model trains it.
"""

from __future__ import annotations

import ast
import contextlib
import enum
import io
import logging
import os
import random
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

from IPython import get_ipython

from autograder.errors import CheckFailed, CheckNotRun
from autograder.model import keras_internals
from autograder.report.outcomes import APPEARANCE
from autograder.result import Check, Outcome
from autograder.worker.notebook_shell import NotebookShell

if TYPE_CHECKING:
    from autograder.runner.plugin import Fixtures
    from autograder.worker.shell import Shell

VISIBLE = "visible.py"
_SEED = 0
_NO_PLUGIN = (
    "{id} runs in a process of the grader's own, and this nbgrader does not start one: no points "
    "were given. Put this into nbgrader_config.py, as `autograder package` does, and autograde "
    "again: from autograder.nbgrader.config import configure; "
    "configure(c, root=..., secret=..., exercises=...)"
)
_NO_FILE = (
    "{id} was not run: there is no {file} in {folder}. The checks are handed out with the "
    "notebook: keep both in one folder, and start the notebook there."
)


class _Mode(enum.Enum):
    """Who runs the notebook."""

    STUDENT = enum.auto()
    VALIDATE = enum.auto()
    AUTOGRADE = enum.auto()


class _RunNotebook:
    """The notebook of this kernel, whose cells have run already."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.answers: dict[str, Any] = {}

    def run(self, _cells: list[Any], **_limits: Any) -> list[Any]:
        """Run no cell."""
        return []


def check(test_id: str) -> float | None:
    """Run one visible check on the functions defined so far in this notebook, and say what it says.

        from autograder import check

        check("test_build_model")

    Returns None where all points are earned, and the points where a part of them is. Raises
    CheckFailed, an AssertionError whose text is the hint, where nothing is earned, and CheckNotRun
    where silence would be taken for success. A hidden check runs after handing in.
    """
    shell: Any = get_ipython()
    if shell is None:
        raise CheckNotRun("check() looks at the functions of a notebook: call it in one")
    if isinstance(shell, NotebookShell):
        return None  # a grader is reading the notebook, and runs the checks itself, outside
    folder, mode = Path.cwd(), _mode()
    if not (folder / VISIBLE).is_file():
        _report_no_file(test_id, folder, mode)
        return None
    if test_id not in _names(folder / VISIBLE):
        _report_hidden(test_id, mode)
        return None
    with _silent_stderr(), _restored(shell.user_ns):
        graded = _graded(test_id, folder, shell.user_ns)
    return _reported(graded)


def _mode() -> _Mode:
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return _Mode.AUTOGRADE
    validating = "NBGRADER_VALIDATING" in os.environ or "NBGRADER_EXECUTION" in os.environ
    return _Mode.VALIDATE if validating else _Mode.STUDENT


def _names(visible: Path) -> set[str]:
    """Return the names that a file defines, those of its checks among them, without running it."""
    body = ast.parse(visible.read_text("utf-8")).body
    functions = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    targets = [part for node in body if isinstance(node, ast.Assign) for part in node.targets]
    return functions | {part.id for part in targets if isinstance(part, ast.Name)}


def _report_no_file(test_id: str, folder: Path, mode: _Mode) -> None:
    message = _NO_FILE.format(id=test_id, file=VISIBLE, folder=folder)
    if mode is not _Mode.STUDENT:
        raise CheckNotRun(message)
    print(message)


def _report_hidden(test_id: str, mode: _Mode) -> None:
    if mode is _Mode.AUTOGRADE:
        raise CheckNotRun(_NO_PLUGIN.format(id=test_id))
    if mode is _Mode.STUDENT:
        print(f"{test_id} runs after you have handed in.")


def _graded(test_id: str, folder: Path, namespace: dict[str, Any]) -> Check:
    from autograder.runner.plugin import run_checks
    from autograder.selfcheck.file import shared

    submission = _submission(folder, namespace)
    (graded,) = run_checks([folder / f"{VISIBLE}::{test_id}"], shared(folder), submission)
    return graded


def _submission(folder: Path, namespace: dict[str, Any]) -> Fixtures:
    from autograder.proxies.in_process import LocalEvaluator, LocalStudent
    from autograder.proxies.student import Student
    from autograder.runner.plugin import Fixtures
    from autograder.worker.seeds import Entropy
    from autograder.worker.student import StudentWorker

    backend = LocalStudent(StudentWorker(cast("Shell", _RunNotebook(namespace)), Entropy()), folder)
    backend.load([], _SEED)
    return Fixtures(Student(backend, LocalEvaluator(), _SEED))


def _reported(graded: Check) -> float | None:
    """Print an outcome; return part of its points, None for all; raises CheckFailed for none."""
    print(f"{APPEARANCE[graded.outcome].mark.sign} {graded.title}")
    unit = "point" if graded.max_points == 1 else "points"
    print(f"{graded.points:g} of {graded.max_points:g} {unit}")
    if graded.outcome is Outcome.PASSED:
        return None
    if graded.points <= 0:
        raise CheckFailed(graded.message)
    print(textwrap.indent(graded.message, "  "))
    return float(graded.points)


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Drop what Python, logging and the libraries beneath write to stderr while this lasts."""
    stderr, disabled = os.dup(2), logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # a handler may hold on to the kernel's own stream
    try:
        with open(os.devnull, "wb") as null, contextlib.redirect_stderr(io.StringIO()):
            os.dup2(null.fileno(), 2)
            yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        logging.disable(disabled)


@contextlib.contextmanager
def _restored(namespace: dict[str, Any]) -> Iterator[None]:
    """Put variables, random generators and the environment back when this ends."""
    import numpy as np

    variables, python, arrays = dict(namespace), random.getstate(), np.random.get_state()
    with keras_internals.keep_generators(), mock.patch.dict(os.environ):
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(arrays)
            for name in namespace.keys() - variables.keys():
                del namespace[name]
            namespace.update(variables)
