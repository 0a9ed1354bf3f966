"""Preprocessors hand over what the next need, and one command has one sandbox."""

from __future__ import annotations

import copy
import gc
from typing import Any

import pytest
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from traitlets.config import Config

from autograder.errors import SandboxError
from autograder.nbgrader import command_sandbox
from autograder.nbgrader.command_sandbox import CommandSandbox, ConfinedExecution
from autograder.nbgrader.config import configure
from autograder.nbgrader.execute import SandboxedExecute
from autograder.nbgrader.handover import KEY, ExecutedNotebook, HandOver, handed_over
from autograder.nbgrader.nbconvert_exporter import SandboxExporter
from autograder.nbgrader.packaged import GradedNotebook


class Noting(Preprocessor):
    """Notes what each notebook's resources hold."""

    def __init__(self, notes: list[HandOver]) -> None:
        super().__init__(enabled=True)
        self.notes = notes

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        self.notes.append(handed_over(resources))
        return nb, resources


def notebook() -> NotebookNode:
    return new_notebook(cells=[new_code_cell("1 + 1")])


def exporter_noting(notes: list[HandOver]) -> SandboxExporter:
    exporter = SandboxExporter(config=Config({"Exporter": {"default_preprocessors": []}}))
    exporter.register_preprocessor(SandboxedExecute)
    exporter.register_preprocessor(Noting(notes))
    return exporter


@pytest.fixture
def sandboxes(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count the sandboxes that start and end, without processes."""
    counts = {"started": 0, "ended": 0}

    def started(stack: Any, _course: Any) -> ConfinedExecution:
        counts["started"] += 1
        stack.callback(lambda: counts.update(ended=counts["ended"] + 1))
        return ConfinedExecution(None, None)  # type: ignore[arg-type]

    monkeypatch.setattr(command_sandbox, "_started", started)
    return counts


@pytest.fixture
def run_cells(monkeypatch: pytest.MonkeyPatch) -> list[NotebookNode]:
    """Note the notebooks that are run, in place of running them."""
    run: list[NotebookNode] = []
    monkeypatch.setattr(
        "autograder.nbgrader.execute.run_cells", lambda nb, *_: run.append(copy.deepcopy(nb))
    )
    return run


def test_one_exporter_hands_its_sandbox_to_all_notebooks(
    sandboxes: dict[str, int], run_cells: list[NotebookNode]
) -> None:
    notes: list[HandOver] = []
    exporter = exporter_noting(notes)
    for _ in range(2):
        exporter.from_notebook_node(notebook())
    assert len(run_cells) == 2
    assert notes[0].sandbox is notes[1].sandbox is not None
    assert sandboxes == {"started": 1, "ended": 0}
    notes.clear()
    del exporter
    gc.collect()
    assert sandboxes == {"started": 1, "ended": 1}


def test_a_notebook_that_was_run_is_not_run_again(
    sandboxes: dict[str, int], run_cells: list[NotebookNode]
) -> None:
    ran = notebook()
    ran.cells[0].outputs = [new_output("stream", name="stdout", text="ran before")]
    graded = GradedNotebook({"test_double": 2.0})
    notes: list[HandOver] = []
    resources = {KEY: HandOver(executed=ExecutedNotebook(ran, graded))}
    text, after = exporter_noting(notes).from_notebook_node(notebook(), resources)
    assert "ran before" in text
    assert notes[0].graded is graded
    assert handed_over(after).graded is graded
    assert (run_cells, sandboxes["started"]) == ([], 0)


def test_without_our_exporter_a_notebook_has_a_sandbox_of_its_own(
    sandboxes: dict[str, int], run_cells: list[NotebookNode]
) -> None:
    for number in (1, 2):
        _, resources = SandboxedExecute().preprocess(notebook(), {})
        assert sandboxes == {"started": number, "ended": number}
        assert handed_over(resources) == HandOver()
    assert len(run_cells) == 2


def test_a_sandbox_that_has_ended_does_not_start_again(sandboxes: dict[str, int]) -> None:
    with CommandSandbox() as sandbox:
        assert sandbox.started(None) is sandbox.started(None)
    with pytest.raises(SandboxError, match="has ended"):
        sandbox.started(None)
    assert sandboxes == {"started": 1, "ended": 1}


def test_the_configuration_names_the_exporter() -> None:
    c = Config()
    configure(c)
    assert c.Autograde.exporter_class == f"{SandboxExporter.__module__}.SandboxExporter"
