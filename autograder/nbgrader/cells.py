"""Runs a notebook whose tests are its own cells, in a confined kernel."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.errors import OtherLanguage, WorkerFault
from autograder.limits import Limits
from autograder.nbgrader import files
from autograder.notebooks.reader import MAX_CELL_CODE
from autograder.proxies.kernel import Kernel
from autograder.sandbox.spawn import Lease, Station

_LANGUAGE = {
    "name": "python",
    "mimetype": "text/x-python",
    "file_extension": ".py",
    "pygments_lexer": "ipython3",
    "nbconvert_exporter": "python",
    "codemirror_mode": {"name": "ipython", "version": 3},
}
_MOST_RESTARTS = 2


@dataclass(frozen=True, slots=True)
class CellOptions:
    """How cells are run; times are in seconds, None is no limit.

    `environment` are variables that cells see, cells tagged `skip_tag` are not run, and
    `timeout_error` are the fields of the error output of a cell that ran too long.
    """

    cell_seconds: float | None
    notebook_seconds: float | None
    limits: Limits
    environment: Mapping[str, str]
    skip_tag: str
    timeout_error: Mapping[str, Any]


@dataclass(slots=True)
class _NotebookRun:
    """The run of one notebook; when a kernel ends, a new kernel first runs the cells before."""

    folder: Path
    options: CellOptions
    lease: Lease
    stack: ExitStack
    started: float = field(default_factory=time.monotonic)
    kernel: Kernel | None = None
    done: list[str] = field(default_factory=list)
    restarts: int = 0
    ended: str = ""

    def execute(self, cell: NotebookNode) -> None:
        """Run one cell and store its outputs, also where the kernel ends meanwhile."""
        remaining = self._remaining()
        if self.ended or (remaining is not None and remaining <= 0):
            ended = self.ended or "the time for the whole notebook is used up"
            cell.outputs = [_error("NotRun", f"This cell was not run: {ended}.")]
            return
        try:
            ran = self._ready().execute(cell.source, self._seconds(remaining))
        except WorkerFault as fault:
            self._lose(fault)
            cell.outputs = [_error("DeadKernelError", f"The kernel was ended: {fault.detail}.")]
            return
        self.done.append(cell.source)
        cell.outputs = list(ran.outputs)
        cell.execution_count = ran.count
        if ran.expired:
            cell.outputs.append(new_output("error", **self.options.timeout_error))

    def finish(self) -> None:
        """Keep the files that the cells wrote, beside the notebook."""
        if self.kernel is not None:
            files.keep_written(self.kernel.scratch, self.folder, self.options.limits.disk)

    def _ready(self) -> Kernel:
        if self.kernel is None:
            kernel = Kernel(
                self.lease,
                self.options.limits,
                files.beside(self.folder, self.options.limits.disk),
                self.options.environment,
            )
            self.stack.callback(kernel.close)
            for source in self.done:
                kernel.execute(source, self._seconds(self._remaining()))
            self.kernel = kernel
        return self.kernel

    def _lose(self, fault: WorkerFault) -> None:
        self.kernel = None
        self.restarts += 1
        if self.restarts > _MOST_RESTARTS:
            self.ended = f"the kernel has ended {self.restarts} times, at last: {fault.detail}"

    def _remaining(self) -> float | None:
        limit = self.options.notebook_seconds
        return None if limit is None else limit - (time.monotonic() - self.started)

    def _seconds(self, remaining: float | None) -> float | None:
        limits = [s for s in (self.options.cell_seconds, remaining) if s is not None]
        return max(min(limits), 0.1) if limits else None


def run_cells(nb: NotebookNode, folder: Path, station: Station, options: CellOptions) -> None:
    """Run all code cells of `nb` in `folder`'s place and put their outputs into it.

    Never raises for what a student's code did. Raises OtherLanguage.
    """
    _check_language(nb)
    with station.lease() as lease, ExitStack() as stack:
        run = _NotebookRun(folder, options, lease, stack)
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            cell.outputs, cell.execution_count = [], None
            tagged = options.skip_tag in cell.metadata.get("tags", [])
            if not cell.source.strip() or tagged:
                continue
            if len(cell.source) > MAX_CELL_CODE:
                size = f"A cell of {len(cell.source):,} characters"
                words = f"{size}; at most {MAX_CELL_CODE:,} are run."
                cell.outputs = [_error("CellTooLong", words)]
                continue
            run.execute(cell)
        run.finish()
    nb.metadata.language_info = NotebookNode(_LANGUAGE)


def _check_language(nb: NotebookNode) -> None:
    spec = nb.metadata.get("kernelspec", {})
    language = spec.get("language") or ("python" if "python" in spec.get("name", "python") else "?")
    if str(language).lower() not in ("python", "ipython"):
        raise OtherLanguage(
            f"the sandbox runs Python only; this notebook's kernel is {spec.get('name')!r}"
        )


def _error(name: str, text: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])
