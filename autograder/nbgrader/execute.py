"""The preprocessor that runs notebooks in place of nbgrader's Execute."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Dict, Integer, List, Unicode

from autograder.course.course import Course
from autograder.course.datasets import read_key
from autograder.course.exercise import find_root
from autograder.errors import DataError, SandboxError, UnknownExercise
from autograder.limits import Limits, MiB
from autograder.nbgrader import packaged
from autograder.nbgrader.cells import CellOptions, run_cells
from autograder.nbgrader.command_sandbox import CommandSandbox, ConfinedExecution
from autograder.nbgrader.handover import KEY, ExecutedNotebook, handed_over


class SandboxedExecute(Execute):
    """Runs notebooks in warm, confined workers instead of in Jupyter kernels.

    Every setting of nbgrader's Execute holds here too. A packaged exercise is graded
    by its own checks, out of the student's reach; any other notebook is run cell by cell.
    """

    root = Unicode(help="The course with solutions/ and datasets/, for packaged exercises.").tag(
        config=True
    )
    secret = Unicode(help="The file with the course's key for held-out rows.").tag(config=True)
    exercises = Dict(help="Which exercise an assignment is: {assignment: exercise}.").tag(
        config=True
    )
    notebook_timeout = Integer(
        None, allow_none=True, help="Seconds for all cells of one notebook; None: no limit."
    ).tag(config=True)
    memory = Integer(4096, help="MiB that one notebook may use.").tag(config=True)
    disk = Integer(1024, help="MiB that one notebook may write.").tag(config=True)
    environment = List(
        Unicode(), help="Variables that cells see as they are here, besides nbgrader's own."
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: Any = None, km: Any = None
    ) -> tuple[NotebookNode, Any]:
        """Run the notebook, or take it as a parallel run has left it; return it with its outputs.

        Without a sandbox in `resources` (as in `nbgrader validate`) this notebook has its own.
        """
        del km  # no kernel manager takes part
        resources = {} if resources is None else resources
        handed = handed_over(resources)
        executed = handed.executed
        if executed is None:
            with nullcontext(handed.sandbox) if handed.sandbox else CommandSandbox() as sandbox:
                executed = self.run(nb, resources, sandbox)
        resources[KEY] = replace(handed, graded=executed.graded)
        return executed.nb, resources

    def run(self, nb: NotebookNode, resources: Any, sandbox: CommandSandbox) -> ExecutedNotebook:
        """Put outputs into `nb`; return it, with the points of a packaged exercise.

        Threads may call this at the same time, once the sandbox has been started.
        """
        execution = self.started(sandbox)
        ids = resources.get("nbgrader", {})
        exercise = self.exercises.get(ids.get("assignment"))
        folder = Path(resources.get("metadata", {}).get("path") or os.curdir)
        if exercise and execution.scorer is not None:
            student = str(ids.get("student", ""))
            graded = packaged.grade(nb, student, exercise, folder, execution.scorer, self.log)
            return ExecutedNotebook(nb, graded)
        try:
            run_cells(nb, folder, execution.station, self._options())
        except SandboxError:  # a worker was lost through no fault of the notebook's: once more
            run_cells(nb, folder, execution.station, self._options())
        return ExecutedNotebook(nb, None)

    def started(self, sandbox: CommandSandbox) -> ConfinedExecution:
        """Return the sandbox, started for the configured course.

        Raises WeakIsolation, and SandboxError for a configuration that leads nowhere.
        """
        try:
            course = self._course()
        except (UnknownExercise, DataError) as error:
            raise SandboxError(f"SandboxedExecute's root or secret: {error}") from error
        return sandbox.started(course)

    def _course(self) -> Course | None:
        """Return the course of the packaged exercises, None without any."""
        if not self.root or not self.exercises:
            return None
        key = read_key(Path(self.secret).expanduser() if self.secret else None)
        return Course(find_root(Path(self.root).expanduser().resolve()).path, key)

    def _options(self) -> CellOptions:
        names = [n for n in os.environ if n.startswith("NBGRADER_")] + list(self.environment)
        return CellOptions(
            cell_seconds=self.timeout if self.timeout is None or self.timeout > 0 else None,
            notebook_seconds=self.notebook_timeout,
            limits=Limits(memory=self.memory * MiB, disk=self.disk * MiB),
            environment={n: os.environ[n] for n in names if n in os.environ},
            skip_tag=self.skip_cells_with_tag,
            timeout_error=dict(self.error_on_timeout),
        )
