"""One line of configuration: nbgrader runs notebooks in our sandbox."""

from __future__ import annotations

from collections.abc import Mapping

from traitlets.config import Config

_SANITIZE = (
    "autograder.nbgrader.restore.RestoreCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
)
_AUTOGRADE = (
    "autograder.nbgrader.execute.SandboxedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.nbgrader.grades.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
)


def configure(
    c: Config,
    *,
    root: str = "",
    secret: str = "",
    exercises: Mapping[str, str] | None = None,
) -> None:
    """Have `nbgrader autograde` run notebooks in the sandbox, and feedback hide what is hidden.

    `exercises` tells which assignment is which packaged exercise of the course at `root`, whose
    held-out rows the key in the file `secret` chooses. Without them every notebook is run as it is,
    tests in its own cells.
    """
    from autograder.nbgrader.feedback import configure_feedback

    c.Autograde.exporter_class = "autograder.nbgrader.exporter.SandboxExporter"
    c.Autograde.sanitize_preprocessors = list(_SANITIZE)
    c.Autograde.autograde_preprocessors = list(_AUTOGRADE)
    c.SandboxedExecute.root = root
    c.SandboxedExecute.secret = secret
    c.SandboxedExecute.exercises = dict(exercises or {})
    configure_feedback(c)
