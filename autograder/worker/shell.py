"""Runs a student's cells as a notebook would, so that one bad cell costs as little as it can.

`Shell()` is built once, in the warm template; a fork runs the cells. Time limits here raise an
exception in the student's own thread, which can catch it: the watchdog outside has the last word.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from autograder.notebooks.newer_python import explanation
from autograder.worker import stubs
from autograder.worker.base_shell import CellTimeout, Stopwatch, time_limit
from autograder.worker.cells import (
    DEFINITIONS_ONLY,
    FAILED,
    INTERRUPTED,
    MAX_MESSAGE,
    MAX_NOTES,
    RAN,
    SKIPPED,
    Cell,
    CellReport,
)
from autograder.worker.definitions import is_definition, statements
from autograder.worker.notebook_shell import NotebookShell
from autograder.worker.recorder import Recorder
from autograder.worker.reused_names import NamedFunctions, called_only

DEFINITIONS_SECONDS = 10.0
_MOST_PLOTS = 20  # of one cell
_HARMLESS = (".*is non-interactive, and thus cannot be shown", "To exit: use")


class Shell:
    """One notebook session."""

    def __init__(self) -> None:
        os.environ.setdefault("MPLBACKEND", "Agg")
        self._ipython = NotebookShell.instance()
        self._stubs = stubs.installed()
        self._stubs.note = self._ipython.note
        self._waiting = 1.0

    @property
    def namespace(self) -> dict[str, Any]:
        """The variables of the notebook, by name."""
        namespace: dict[str, Any] = self._ipython.user_ns
        return namespace

    @property
    def answers(self) -> dict[str, Any]:
        """The functions whose names the notebook has given to something else since, by name."""
        return self._ipython.functions.lost

    @staticmethod
    def owns(filename: str) -> bool:
        """Whether a traceback's file name is that of a cell."""
        return filename.startswith("<cell ")

    def run(
        self,
        cells: Iterable[Cell],
        *,
        cell_seconds: float,
        total_seconds: float,
        waiting: float = 1.0,
        recorder: Recorder | None = None,
        released: Sequence[str] = (),
    ) -> list[CellReport]:
        """Run cells in order, each for at most `cell_seconds`, and report how each one ended.

        Above 1, `waiting` has the seconds count processor time, as `time_limit` does.
        When `total_seconds` are used up, only the definitions of the remaining cells are made.
        A `recorder` keeps what each cell shows. `released` are the names of the exercise's files.
        """
        if "" not in sys.path:
            sys.path.insert(0, "")  # as in a notebook, which imports modules that lie beside it
        for message in _HARMLESS:
            warnings.filterwarnings("ignore", message=message)
        cells = list(cells)
        self._stubs.released = tuple(released)
        self._ipython.functions = NamedFunctions(frozenset(self._ipython.user_ns_hidden))
        watch, self._waiting = Stopwatch(waiting), waiting
        reports = []
        with contextlib.ExitStack() as stack:
            if recorder is not None:
                stack.enter_context(self._ipython.recording(recorder, echo=True))
            for index, cell in enumerate(cells):
                remaining = total_seconds - watch.seconds()
                report = self._run_cell(index, cell, cell_seconds, remaining, recorder)
                reports.append(report)
                if recorder is not None:
                    _record_error(recorder, report)
                    recorder.end_cell()
        self._put_back([cell.source for cell in cells if not cell.skip])
        notes = self._ipython.functions.notes()
        return [_with_notes(report, notes.get(report.index, [])) for report in reports]

    def _put_back(self, sources: Sequence[str]) -> None:
        """Give functions back their names, where functions that call them would find data there."""
        lost = self.answers
        if lost:
            text = "\n".join(self._ipython.transformed(self._ipython.prepare(s)) for s in sources)
            module = ast.Module(statements(text), [])
            with contextlib.suppress(SyntaxError, ValueError, RecursionError):
                code = self._ipython.code(module, "exec")
                self.namespace.update({name: lost[name] for name in called_only(lost, code)})

    def _run_cell(
        self, index: int, cell: Cell, seconds: float, remaining: float, recorder: Recorder | None
    ) -> CellReport:
        if cell.skip:
            return CellReport(index, SKIPPED)
        start = time.monotonic()
        self._ipython.notes, self._ipython.cell = [], index
        self._ipython.execution_count = index + 1
        if remaining <= 0:
            error = None
            status = DEFINITIONS_ONLY
            self._define_from(cell.source)
        else:
            error = self._execute(cell.source, min(seconds, remaining))
            status = _status(error)
        _close_figures(recorder)
        return CellReport(
            index,
            status,
            None if error is None else _clip(type(error).__name__),
            None if error is None else self._explained(error, cell.source),
            None if error is None else _line(error, self._ipython.cell_name),
            time.monotonic() - start,
            tuple(_clip(note) for note in self._ipython.notes[:MAX_NOTES]),
        )

    def _explained(self, error: BaseException, source: str) -> str:
        """Return an error's text, and for a syntax error which newer Python would accept it."""
        text = _message(error)
        if not isinstance(error, SyntaxError):
            return text
        reason = explanation(self._ipython.transformed(self._ipython.prepare(source)))
        return _clip(f"{text} ({reason})") if reason else text

    def _execute(self, source: str, seconds: float) -> BaseException | None:
        self._ipython.unrun = []
        prepared = self._ipython.prepare(source)
        error: BaseException | None
        try:
            with time_limit(seconds, waiting=self._waiting):
                error = self._ipython.run(prepared)
        except BaseException as raised:  # student code may break IPython itself
            error = raised
        if isinstance(error, SyntaxError) and not self._ipython.unrun:
            self._define_from(source)
        elif error is not None:
            self._define(self._ipython.unrun)
        return error

    def _define_from(self, source: str) -> None:
        """Make the definitions of a cell that is not run, or that Python cannot parse."""
        text = self._ipython.transformed(self._ipython.prepare(source))
        self._ipython.remember(text)
        try:
            with time_limit(DEFINITIONS_SECONDS):
                nodes = statements(text)
        except CellTimeout:
            self._ipython.note("too much broken code to look through for definitions")
            return
        self._define(nodes)

    def _define(self, nodes: list[ast.stmt]) -> None:
        for node in filter(is_definition, nodes):
            try:
                with time_limit(DEFINITIONS_SECONDS):
                    exec(self._ipython.code(ast.Module([node], []), "exec"), self.namespace)
            except BaseException as error:  # as for the cell itself
                problem = f"{type(error).__name__}: {_message(error)}"
                self._ipython.note(f"line {node.lineno} could not be run either: {problem}")
            self._ipython.look()


def _with_notes(report: CellReport, more: list[str]) -> CellReport:
    notes = (*map(_clip, more), *report.notes)
    return replace(report, notes=notes[:MAX_NOTES])


def _status(error: BaseException | None) -> str:
    if error is None:
        return RAN
    return INTERRUPTED if isinstance(error, CellTimeout) else FAILED


def _message(error: BaseException) -> str:
    """The first line of an error's text; a student's exception may raise in its own text."""
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        return _clip(text)
    except BaseException as second:
        return f"(its text raises {_clip(type(second).__name__)})"


def _clip(text: str) -> str:
    plain = "".join([text, ""]).encode("utf-8", "replace").decode("utf-8")
    return plain.strip().split("\n", 1)[0][:MAX_MESSAGE]


def _line(error: BaseException, name: str) -> int | None:
    """The last line of the cell itself that an error went through."""
    if isinstance(error, SyntaxError):
        return error.lineno if type(error.lineno) is int else None
    line = None
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == name:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _close_figures(recorder: Recorder | None) -> None:
    """Free a cell's plots, as a notebook does after showing them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    with contextlib.suppress(Exception, CellTimeout):  # plots are never worth a cell
        if recorder is not None:
            with time_limit(DEFINITIONS_SECONDS):
                for number in pyplot.get_fignums()[:_MOST_PLOTS]:
                    _record_figure(recorder, pyplot.figure(number))
    with contextlib.suppress(Exception):
        pyplot.close("all")


def _record_figure(recorder: Recorder, figure: Any) -> None:
    picture = io.BytesIO()
    figure.savefig(picture, format="png", bbox_inches="tight")
    recorder.display({"image/png": picture.getvalue(), "text/plain": "<Figure>"}, {})


def _record_error(recorder: Recorder, report: CellReport) -> None:
    if report.error_type is not None:
        text = report.error_message or ""
        where = "" if report.line is None else f" (line {report.line} of this cell)"
        recorder.error(report.error_type, text, [f"{report.error_type}: {text}{where}"])
