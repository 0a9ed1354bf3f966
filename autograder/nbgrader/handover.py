"""What preprocessors of one notebook hand to each other, in nbconvert's `resources`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from nbformat import NotebookNode

from autograder.nbgrader.command_sandbox import CommandSandbox
from autograder.nbgrader.packaged import GradedNotebook

KEY = "autograder"


@dataclass(frozen=True, slots=True)
class ExecutedNotebook:
    """A notebook with its outputs; `graded` has a packaged exercise's points, None for others."""

    nb: NotebookNode
    graded: GradedNotebook | None


@dataclass(frozen=True, slots=True)
class HandOver:
    """What stands in `resources["autograder"]`.

    `sandbox` runs the notebooks of the command (SandboxExporter puts it there); `executed` is the
    notebook where it has been run already (ParallelAutograde); `graded` are the points of a
    packaged exercise (SandboxedExecute, for SaveGrades).
    """

    sandbox: CommandSandbox | None = None
    executed: ExecutedNotebook | None = None
    graded: GradedNotebook | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the same: nbconvert copies its resources, and a sandbox has no copy."""
        return self


def handed_over(resources: Mapping[str, Any]) -> HandOver:
    """Return what was handed over with `resources`; nothing where no part of ours came before."""
    return resources.get(KEY) or HandOver()
