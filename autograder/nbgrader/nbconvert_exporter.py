"""The exporter of `nbgrader autograde`: nbconvert's, with one sandbox for all its notebooks."""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode

from autograder.nbgrader.command_sandbox import CommandSandbox
from autograder.nbgrader.handover import KEY, handed_over


class SandboxExporter(NotebookExporter):
    """Hands the sandbox of the command to each notebook's preprocessors, in their resources.

    nbgrader makes its preprocessors anew for every notebook and keeps one exporter for a whole
    command: the sandbox ends with the exporter.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._sandbox = CommandSandbox()
        weakref.finalize(self, self._sandbox.close)

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **keywords: Any) -> Any:
        """Return the notebook as JSON, after all preprocessors, and the resources they return."""
        resources = ResourcesDict() if resources is None else resources
        handed = handed_over(resources)
        resources[KEY] = replace(handed, sandbox=handed.sandbox or self._sandbox)
        return super().from_notebook_node(nb, resources, **keywords)
