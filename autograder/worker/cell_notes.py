"""Sentences for student and instructor: which cells failed, and what was not run or replaced."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.text import named, quoted
from autograder.worker.cells import DEFINITIONS_ONLY, FAILED, INTERRUPTED, CellReport

__all__ = ["cell_notes"]

_MOST = 20  # cells of one notebook
_ENDINGS = {
    FAILED: "Code cell {n} raised {what} (the cells after it still ran).",
    INTERRUPTED: "Code cell {n} took too long and was interrupted.",
    DEFINITIONS_ONLY: "Of code cell {n} only the definitions were used.",
}
_WAYS_OUT = frozenset(
    "gaierror URLError ConnectionError HTTPError PermissionError PermissionDeniedError".split()
)
_CLOSED = " While grading, the network and files outside your own folder are closed."


def cell_notes(reports: Iterable[CellReport]) -> list[str]:
    """Return a note for each cell that did not run as it does in a notebook, the first 20."""
    notes = [note for note in map(_note, reports) if note]
    if len(notes) > _MOST:
        notes[_MOST:] = [f"Of {len(notes) - _MOST} more code cells something was not run."]
    return notes


def _note(report: CellReport) -> str:
    """Return what is to be said of one cell, '' of a cell that ran as it is."""
    parts = []
    if report.status in _ENDINGS:
        what = f"{named(report.error_type or '')}: {quoted(report.error_message or '')}"
        ending = _ENDINGS[report.status].format(n=report.index + 1, what=what)
        parts.append(ending + (_CLOSED if report.error_type in _WAYS_OUT else ""))
    if report.notes:
        said = "; ".join(map(quoted, report.notes))
        parts.append(f"Code cell {report.index + 1}, says the process that ran it: {said}.")
    return " ".join(parts)
