"""Configures nbgrader to run notebooks in the sandbox: one line of nbgrader_config.py.

Public: courses' configurations import `configure` from here.
"""

from __future__ import annotations

from collections.abc import Mapping

from traitlets.config import Config

__all__ = ["configure"]

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
    """Have `nbgrader autograde` run notebooks in the sandbox, and feedback hide the hidden tests.

    `c` is the configuration of nbgrader_config.py. Without further arguments each notebook is run
    as it is, with the tests in its own cells:

        from autograder.nbgrader.config import configure

        c = get_config()
        configure(c)

    For packaged exercises (`autograder package` writes this call) `exercises` maps assignments to
    exercises of the course at `root`, and `secret` is the file with the key that chooses the
    held-out rows ("" for the public demonstration key):

        configure(c, root="~/course", secret="~/key", exercises={"week1": "car_price"})

    A `root` or `secret` that does not exist is reported when grading starts (SandboxError).
    Settings of the sandbox are traits of SandboxedExecute, such as `c.SandboxedExecute.memory`.
    """
    from autograder.nbgrader.feedback import configure_feedback

    c.Autograde.exporter_class = "autograder.nbgrader.nbconvert_exporter.SandboxExporter"
    c.Autograde.sanitize_preprocessors = list(_SANITIZE)
    c.Autograde.autograde_preprocessors = list(_AUTOGRADE)
    c.SandboxedExecute.root = root
    c.SandboxedExecute.secret = secret
    c.SandboxedExecute.exercises = dict(exercises or {})
    configure_feedback(c)
